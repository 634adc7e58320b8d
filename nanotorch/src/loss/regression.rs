//! Losses of numbers: functions of the difference `d = x - t` between a prediction and its target.

use super::error::check_setting;
use super::pointwise::splat;
use super::{LossError, Pointwise, Reduction};
use crate::simd::Vector;

/// `d²`. Source: PyTorch's `torch.nn.MSELoss`.
///
/// The mean is over all numbers of the batch.
///
/// ```
/// use nanotorch::{loss::{Loss, LossError, Mse, Reduction}, prelude::*, run::Training};
///
/// #[model(input = [2])]
/// pub struct Line {
///     fc: Linear<2, 1>,
/// }
/// let line = Line::new(1);
/// let mut training = Training::<Line, UpTo<2>>::new(1);
/// let mean = training.gradients(&line, &Mse::default(), &[0.0, 1.0, 1.0, 0.0], &[1.0, 2.0])?;
/// let sum = training.gradients(&line, &Mse { reduction: Reduction::Sum }, &[0.0, 1.0, 1.0, 0.0], &[1.0, 2.0])?;
/// assert_eq!(sum, 2.0 * mean);
///
/// let error = training.gradients(&line, &Mse::default(), &[0.0, 1.0], &[f32::NAN]).unwrap_err();
/// assert_eq!(error.to_string(), "target 0 is NaN, but this loss takes targets that are finite");
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mse {
    /// Mean or sum over all numbers.
    pub reduction: Reduction,
}

impl Pointwise for Mse {
    const NAME: &'static str = "MseLoss";
    #[inline(always)]
    fn divisor(self, _: usize, numbers: usize) -> usize {
        self.reduction.divisor(numbers)
    }
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V) {
        let difference = x - target;
        (difference * difference, difference + difference)
    }
}

/// `|d|`; the derivative at 0 is 0. Source: PyTorch's `torch.nn.L1Loss`.
///
/// The mean is over all numbers of the batch.
///
/// ```
/// use nanotorch::loss::{Mae, Reduction};
/// let loss = Mae { reduction: Reduction::Sum };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mae {
    /// Mean or sum over all numbers.
    pub reduction: Reduction,
}

impl Pointwise for Mae {
    const NAME: &'static str = "L1Loss";
    #[inline(always)]
    fn divisor(self, _: usize, numbers: usize) -> usize {
        self.reduction.divisor(numbers)
    }
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V) {
        let (difference, zero) = (x - target, splat(x, 0.0));
        let sign = splat(x, 1.0).copysign(difference);
        (difference.abs(), V::select(difference.eq(zero), zero, sign))
    }
}

/// `d²/2` up to `|d| = delta`, then `delta (|d| - delta/2)`. Source: Huber, 1964; PyTorch's `torch.nn.HuberLoss`.
///
/// The mean is over all numbers of the batch.
///
/// ```
/// use nanotorch::loss::Huber;
/// let loss = Huber { delta: 0.5, ..Huber::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// Where the parabola becomes a line; above 0, by default 1.
    pub delta: f64,
    /// Mean or sum over all numbers.
    pub reduction: Reduction,
}

impl Default for Huber {
    fn default() -> Self {
        Huber { delta: 1.0, reduction: Reduction::Mean }
    }
}

impl Pointwise for Huber {
    const NAME: &'static str = "HuberLoss";
    #[inline(always)]
    fn check_settings(self) -> Result<(), LossError> {
        check_setting("delta", self.delta, "finite and above 0", self.delta > 0.0 && self.delta.is_finite())
    }
    #[inline(always)]
    fn divisor(self, _: usize, numbers: usize) -> usize {
        self.reduction.divisor(numbers)
    }
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V) {
        let (difference, delta) = (x - target, splat(x, self.delta));
        let magnitude = difference.abs();
        // min(|d|, delta), in an order in which a NaN stays one.
        let near = delta.min(magnitude);
        (near * near.neg_mul_add(splat(x, 0.5), magnitude), near.copysign(difference))
    }
}

/// `d²/(2 beta)` up to `|d| = beta`, then `|d| - beta/2`. Source: PyTorch's `torch.nn.SmoothL1Loss`.
///
/// It is [`Huber`] with `delta = beta`, over `beta`. The mean is over all numbers of the batch.
///
/// ```
/// use nanotorch::loss::SmoothL1;
/// let loss = SmoothL1 { beta: 0.5, ..SmoothL1::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmoothL1 {
    /// Where the parabola becomes a line; above 0 (at 0 it would be [`Mae`]), by default 1.
    pub beta: f64,
    /// Mean or sum over all numbers.
    pub reduction: Reduction,
}

impl Default for SmoothL1 {
    fn default() -> Self {
        SmoothL1 { beta: 1.0, reduction: Reduction::Mean }
    }
}

impl Pointwise for SmoothL1 {
    const NAME: &'static str = "SmoothL1Loss";
    #[inline(always)]
    fn check_settings(self) -> Result<(), LossError> {
        check_setting("beta", self.beta, "finite and above 0", self.beta > 0.0 && self.beta.is_finite())
    }
    #[inline(always)]
    fn divisor(self, _: usize, numbers: usize) -> usize {
        self.reduction.divisor(numbers)
    }
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V) {
        let (difference, beta) = (x - target, splat(x, self.beta));
        let magnitude = difference.abs();
        // d / beta, cut off at 1, in an order in which a NaN stays one.
        let part = splat(x, 1.0).min(magnitude / beta);
        (part * (beta * part).neg_mul_add(splat(x, 0.5), magnitude), part.copysign(difference))
    }
}
