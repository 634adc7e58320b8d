//! Losses that look at one number at a time.

use core::slice;

use super::error::check_targets;
use super::{Loss, LossError, Reduction};
use crate::device::{Cpu, Device, Kernel, Operand};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::loss::{PairLoss, sum_of_losses, sum_of_weighted_losses};
use crate::shape::Shape;
use crate::simd::{Dual, Scalar, Simd, Vector, VectorOf};

/// A loss that is the sum, over all numbers, of a function of a prediction and its target, over a divisor.
///
/// ```
/// use nanotorch::{loss::{Pointwise, Reduction}, prelude::*, run::Training, simd::Vector};
/// ///
/// /// `(x - t)⁴`, as a mean.
/// #[derive(Clone, Copy, Default)]
/// pub struct Quartic;
/// impl Pointwise for Quartic {
///     const NAME: &'static str = "Quartic";
///     fn divisor(self, _rows: usize, numbers: usize) -> usize {
///         Reduction::Mean.divisor(numbers)
///     }
///     fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V) {
///         let difference = x - target;
///         let square = difference * difference;
///         (square * square, (square * difference) * V::splat(x.isa(), V::Scalar::from_f64(4.0)))
///     }
/// }
///
/// #[model(input = [2])]
/// pub struct Line {
///     fc: Linear<2, 1>,
/// }
/// let mut training = Training::<Line, UpTo<2>>::new(1);
/// let loss = training.gradients(&Line::new(1), &Quartic, &[0.0, 1.0, 1.0, 0.0], &[1.0, 2.0])?;
/// assert!(loss > 0.0);
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
pub trait Pointwise: Copy + Sync {
    /// Its name.
    const NAME: &'static str;
    /// Which targets it takes, for messages: "this loss takes targets ..".
    const ALLOWED: &'static str = "that are finite";
    /// Whether it takes a target.
    fn accepts<T: Float>(target: T) -> bool {
        target.is_finite()
    }
    /// Whether its settings make sense.
    ///
    /// # Errors
    /// The first setting that doesn't.
    fn check_settings(self) -> Result<(), LossError> {
        Ok(())
    }
    /// What the sum is divided by, for a batch of `rows` samples that is `numbers` numbers in all.
    fn divisor(self, rows: usize, numbers: usize) -> usize;
    /// The loss of the prediction `x`, and its derivative by `x`. Mark the implementation `#[inline(always)]`.
    fn value_and_derivative<V: Vector>(self, x: V, target: V) -> (V, V);
}

/// `number` in every lane of a register like `x`.
#[inline(always)]
pub(super) fn splat<V: Vector>(x: V, number: f64) -> V {
    V::splat(x.isa(), V::Scalar::from_f64(number))
}

/// What the sum of a loss over pairs is called.
pub(super) trait Named {
    /// Its name.
    const NAME: &'static str;
}

#[derive(Clone, Copy)]
struct Pair<P>(P);

impl<P: Pointwise> Named for Pair<P> {
    const NAME: &'static str = P::NAME;
}

impl<T: Float, P: Pointwise> PairLoss<T> for Pair<P> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V, target: V, _: V) -> (V, V) {
        self.0.value_and_derivative(x, target)
    }
}

/// `value = sum of f(prediction, target) / divisor`, and its gradient, if that is wanted.
struct PairKernel<'a, F, T> {
    function: F,
    pairs: Pairs<'a, T>,
    value: &'a mut T,
    gradient: Option<&'a mut [T]>,
}

/// What a loss over pairs is computed from.
#[derive(Clone, Copy)]
pub(super) struct Pairs<'a, T> {
    pub(super) prediction: &'a [T],
    pub(super) target: &'a [T],
    /// A weight for each column, or none.
    pub(super) weights: Option<&'a [T]>,
    pub(super) divisor: usize,
}

impl<T: Float, F: PairLoss<T> + Named + Sync> Kernel<T> for PairKernel<'_, F, T> {
    const NAME: &'static str = F::NAME;

    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.pairs.prediction));
        see(Operand::Input(self.pairs.target));
        if let Some(weights) = self.pairs.weights {
            see(Operand::Input(weights));
        }
        see(Operand::Output(slice::from_ref(&*self.value)));
        if let Some(gradient) = &self.gradient {
            see(Operand::Output(gradient));
        }
    }

    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let PairKernel { function, pairs: Pairs { prediction, target, weights, divisor }, gradient, .. } =
            self;
        let divisor = T::from_usize(divisor);
        let scale = T::ONE / divisor;
        let sum = match weights {
            None => sum_of_losses(cpu.simd, cpu.threads, function, prediction, target, scale, gradient),
            Some(weights) => {
                sum_of_weighted_losses(cpu.simd, function, weights, (prediction, target), scale, gradient)
            }
        };
        *self.value = sum / divisor;
    }
}

/// The value of a loss over pairs; its gradient goes to `gradient`.
#[inline(always)]
pub(super) fn run<D: Device, T: Float, F: PairLoss<T> + Named + Sync>(
    device: &mut D,
    function: F,
    pairs: Pairs<'_, T>,
    gradient: Option<&mut [T]>,
) -> T {
    let mut value = T::ZERO;
    device.run(PairKernel { function, pairs, value: &mut value, gradient });
    value
}

/// The second derivatives of a loss over pairs times `direction`: the derivatives that are written beside values, differentiated by
/// dual numbers.
pub(super) fn curvature<T: Float, F: PairLoss<T>>(
    function: F,
    pairs: Pairs<'_, T>,
    direction: &[T],
    product: &mut [T],
) {
    let Pairs { prediction, target, weights, divisor } = pairs;
    let number = |number: T| VectorOf::<Scalar, T>::splat(Scalar, number);
    let divisor = T::from_usize(divisor);
    for (place, (product, &direction)) in product.iter_mut().zip(direction).enumerate() {
        let weight = weights.map_or(T::ONE, |weights| weights[place % weights.len()]);
        let (x, target) = (Dual::variable(number(prediction[place])), Dual::fixed(number(target[place])));
        let (_, slope) = function.apply(x, target, Dual::fixed(number(weight)));
        *product = slope.tangent().sum() * direction / divisor;
    }
}

#[diagnostic::do_not_recommend]
impl<S: Shape, T: Float, P: Pointwise> Loss<S, T> for P {
    type Target = T;
    const TARGETS: usize = S::LEN;

    #[inline(always)]
    fn reduction(&self) -> Reduction {
        // Twice as many samples have twice the sum; what that is divided by tells a mean.
        if self.divisor(1, S::LEN) == self.divisor(2, 2 * S::LEN) { Reduction::Sum } else { Reduction::Mean }
    }

    #[inline(always)]
    fn check(&self, targets: &[T]) -> Result<(), LossError> {
        self.check_settings()?;
        check_targets(targets, P::ALLOWED, P::accepts)
    }

    #[inline(always)]
    fn value<D: Device>(&self, device: &mut D, rows: impl Extent, prediction: &[T], target: &[T]) -> T {
        let divisor = self.divisor(rows.get(), rows.get() * S::LEN);
        run(device, Pair(*self), Pairs { prediction, target, weights: None, divisor }, None)
    }

    #[inline(always)]
    fn gradient<D: Device>(
        &self,
        device: &mut D,
        rows: impl Extent,
        prediction: &[T],
        target: &[T],
        gradient: &mut [T],
    ) -> T {
        let divisor = self.divisor(rows.get(), rows.get() * S::LEN);
        run(device, Pair(*self), Pairs { prediction, target, weights: None, divisor }, Some(gradient))
    }

    const CURVES: bool = true;

    fn curvature(&self, rows: usize, prediction: &[T], target: &[T], direction: &[T], product: &mut [T]) {
        let divisor = self.divisor(rows, rows * S::LEN);
        curvature(Pair(*self), Pairs { prediction, target, weights: None, divisor }, direction, product);
    }
}
