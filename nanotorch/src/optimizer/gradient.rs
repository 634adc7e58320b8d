//! What is done with a gradient before it is applied: norm, clipping, scaling, the search for numbers that aren't finite.

#[cfg(feature = "alloc")]
use alloc::{string::String, string::ToString, vec::Vec};
#[cfg(feature = "alloc")]
use core::fmt;

use super::SettingError;
use crate::element::Float;
use crate::kernel::flat;
use crate::model::Parameters;
#[cfg(feature = "alloc")]
use crate::model::for_each_parameter;
use crate::threads::Threads;

/// `√Σ g²` over all numbers: the Euclidean norm of a gradient as one vector.
pub fn norm<P: Parameters>(gradient: &P) -> f64 {
    let numbers = gradient.values();
    norm_of(flat::sum_of_squares(Threads::ALONE, numbers), numbers)
}

/// `g *= min(1, limit / (norm + 1e-6))`: makes the norm of a gradient at most `limit`. Returns the norm that it had.
///
/// A norm that is NaN makes every number NaN, an infinite one makes finite numbers 0, as in PyTorch.
///
/// ```
/// use nanotorch::optimizer::clip_norm;
/// let mut gradient = [3.0_f32, 4.0];
/// assert_eq!(clip_norm(&mut gradient, 1.0), 5.0);
/// assert!((gradient[0] - 0.6).abs() < 1e-6);
/// ```
/// Source: PyTorch's `torch.nn.utils.clip_grad_norm_`.
pub fn clip_norm<P: Parameters>(gradient: &mut P, limit: f64) -> f64 {
    let norm = norm(gradient);
    let coefficient = clip_coefficient(norm, limit);
    if coefficient != 1.0 {
        scale(gradient, coefficient);
    }
    norm
}

/// `g = min(max(g, -limit), limit)`: brings each number of a gradient into `-limit..=limit`. NaN stays NaN.
///
/// ```
/// let mut gradient = [3.0_f32, -0.25, -4.0];
/// nanotorch::optimizer::clip_value(&mut gradient, 0.5);
/// assert_eq!(gradient, [0.5, -0.25, -0.5]);
/// ```
/// Source: PyTorch's `torch.nn.utils.clip_grad_value_`.
pub fn clip_value<P: Parameters>(gradient: &mut P, limit: f64) {
    flat::clamp(Threads::ALONE, gradient.values_mut(), P::Element::from_f64(limit));
}

/// `g *= factor`: of the sum of `k` gradients, `1 / k` makes their mean.
///
/// ```
/// let mut gradient = [3.0_f32, -1.0];
/// nanotorch::optimizer::scale(&mut gradient, 0.5);
/// assert_eq!(gradient, [1.5, -0.5]);
/// ```
pub fn scale<P: Parameters>(gradient: &mut P, factor: f64) {
    flat::scale(gradient.values_mut(), P::Element::from_f64(factor));
}

/// What is done with gradients before each step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    pub(super) norm: Option<f64>,
    pub(super) value: Option<f64>,
    pub(super) skip_non_finite: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limited {
    /// The norm, if it is limited.
    pub(super) norm: Option<f64>,
    /// What the step is to multiply the gradient by.
    pub(super) scale: f64,
    /// The place of the first number that isn't finite, if no step is taken because of it.
    pub(super) non_finite: Option<usize>,
}

impl Limits {
    pub(super) const NONE: Limits = Limits { norm: None, value: None, skip_non_finite: false };

    /// Whether they make sense.
    pub(super) fn check(&self) -> Result<(), SettingError> {
        SettingError::unless_limit("clip_norm", self.norm)?;
        SettingError::unless_limit("clip_value", self.value)
    }

    /// Whether there are none.
    #[inline(always)]
    pub(super) fn is_none(&self) -> bool {
        self.norm.is_none() & self.value.is_none() & !self.skip_non_finite
    }

    /// Brings a gradient within the limits, but for the norm, which costs no pass that writes.
    #[inline(always)]
    pub(super) fn apply<T: Float>(&self, threads: Threads<'_>, gradient: &mut [T]) -> Limited {
        if const { T::IS_F32 } {
            self.apply_f32(threads, T::f32s_mut(gradient))
        } else {
            self.apply_all(threads, gradient)
        }
    }

    #[inline(never)]
    fn apply_f32(&self, threads: Threads<'_>, gradient: &mut [f32]) -> Limited {
        self.apply_all(threads, gradient)
    }

    fn apply_all<T: Float>(&self, threads: Threads<'_>, gradient: &mut [T]) -> Limited {
        let mut limited = Limited { norm: None, scale: 1.0, non_finite: None };
        if self.skip_non_finite && !flat::all_finite(gradient) {
            limited.non_finite = flat::first_not_finite(gradient);
            return limited;
        }
        if let Some(limit) = self.value {
            flat::clamp(threads, gradient, T::from_f64(limit));
        }
        if let Some(limit) = self.norm {
            let norm = norm_of(flat::sum_of_squares(threads, gradient), gradient);
            (limited.norm, limited.scale) = (Some(norm), clip_coefficient(norm, limit));
        }
        limited
    }
}

/// The norm, given the sum of squares. Squares of numbers above 2^64 or so overflow in f32: then they are added once more, in
/// f64.
fn norm_of<T: Float>(sum: T, numbers: &[T]) -> f64 {
    let sum = sum.to_f64();
    libm::sqrt(if sum.is_finite() { sum } else { wide_sum_of_squares(numbers) })
}

#[cold]
fn wide_sum_of_squares<T: Float>(numbers: &[T]) -> f64 {
    let mut sum = 0.0;
    for number in numbers {
        sum += number.to_f64() * number.to_f64();
    }
    sum
}

/// `min(1, limit / (norm + 1e-6))`; NaN of NaN, which `f64::min` would hide.
#[inline(always)]
fn clip_coefficient(norm: f64, limit: f64) -> f64 {
    let coefficient = limit / (norm + 1e-6);
    if coefficient > 1.0 { 1.0 } else { coefficient }
}

/// A number of a model or gradient that is infinite or NaN.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq)]
pub struct NonFinite {
    /// The tensor's name, such as `fc1.weight`.
    pub name: String,
    /// The place in the tensor, an index for each axis.
    pub index: Vec<usize>,
    /// The number.
    pub value: f64,
}

#[cfg(feature = "alloc")]
impl fmt::Display for NonFinite {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, index, value } = self;
        write!(formatter, "`{name}` is {value} at {index:?}")
    }
}

#[cfg(feature = "alloc")]
impl core::error::Error for NonFinite {}

/// The first number of a model or gradient that is infinite or NaN, if there is one.
///
/// ```
/// use nanotorch::{optimizer::first_non_finite, prelude::*};
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let mut line = Line::new(1);
/// assert_eq!(first_non_finite(&*line), None);
/// line.fc.weight[0][1] = f32::NAN;
/// let found = first_non_finite(&*line).unwrap();
/// assert_eq!(found.to_string(), "`fc.weight` is NaN at [0, 1]");
/// ```
#[cfg(feature = "alloc")]
pub fn first_non_finite<P: Parameters>(numbers: &P) -> Option<NonFinite> {
    let place = numbers.values().iter().position(|number| !number.is_finite())?;
    name_of(numbers, place)
}

/// The name of the number at `place`.
#[cfg(feature = "alloc")]
pub(super) fn name_of<P: Parameters>(numbers: &P, place: usize) -> Option<NonFinite> {
    let mut found = None;
    for_each_parameter::<P>(|parameter| {
        if !parameter.range().contains(&place) {
            return;
        }
        let mut rest = place - parameter.offset;
        let mut index: Vec<usize> = parameter
            .dims
            .iter()
            .rev()
            .map(|&length| {
                let here = rest % length;
                rest /= length;
                here
            })
            .collect();
        index.reverse();
        let value = numbers.values()[place].to_f64();
        found = Some(NonFinite { name: parameter.path.to_string(), index, value });
    });
    found
}
