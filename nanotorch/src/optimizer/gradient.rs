//! What is done with a gradient before it is applied: norm, clipping, scaling, the search for numbers that aren't finite.

#[cfg(feature = "alloc")]
use alloc::{string::String, string::ToString, vec::Vec};
#[cfg(feature = "alloc")]
use core::fmt;
use core::slice;

use crate::device::{Cpu, Device, Kernel, Operand};
use crate::element::Float;
use crate::kernel::flat;
use crate::model::Parameters;
#[cfg(feature = "alloc")]
use crate::model::for_each_parameter;
use crate::simd::Simd;
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

/// The norm, on the threads of a device.
#[inline(always)]
pub(super) fn norm_on<T: Float>(device: &mut impl Device, numbers: &[T]) -> f64 {
    struct Squares<'a, T> {
        numbers: &'a [T],
        sum: &'a mut T,
    }
    impl<T: Float> Kernel<T> for Squares<'_, T> {
        const NAME: &'static str = "ReduceSumSquare";
        fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
            see(Operand::Input(self.numbers));
            see(Operand::Output(slice::from_ref(&*self.sum)));
        }
        #[inline(always)]
        fn run<S: Simd>(self, cpu: Cpu<S>) {
            *self.sum = flat::sum_of_squares(cpu.threads, self.numbers);
        }
    }
    let mut sum = T::ZERO;
    device.run(Squares { numbers, sum: &mut sum });
    norm_of(sum, numbers)
}

/// As [`clip_value`], on the threads of a device.
#[inline(always)]
pub(super) fn clip_value_on<T: Float>(device: &mut impl Device, numbers: &mut [T], limit: f64) {
    struct Clip<'a, T> {
        numbers: &'a mut [T],
        limit: T,
    }
    impl<T: Float> Kernel<T> for Clip<'_, T> {
        const NAME: &'static str = "Clip";
        fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
            see(Operand::Input(self.numbers));
            see(Operand::Output(self.numbers));
            see(Operand::Attribute("max", self.limit.to_f64()));
        }
        #[inline(always)]
        fn run<S: Simd>(self, cpu: Cpu<S>) {
            flat::clamp(cpu.threads, self.numbers, self.limit);
        }
    }
    device.run(Clip { numbers, limit: T::from_f64(limit) });
}

/// The norm, given the sum of squares. Squares of numbers above 2^64 or so overflow in f32: then they are added once more, in
/// f64.
fn norm_of<T: Float>(sum: T, numbers: &[T]) -> f64 {
    let sum = sum.to_f64();
    libm::sqrt(if sum.is_finite() { sum } else { wide_sum_of_squares(numbers) })
}

#[cold]
fn wide_sum_of_squares<T: Float>(numbers: &[T]) -> f64 {
    numbers.iter().map(|number| number.to_f64() * number.to_f64()).sum()
}

/// `min(1, limit / (norm + 1e-6))`; NaN of NaN, which `f64::min` would hide.
#[inline(always)]
pub(super) fn clip_coefficient(norm: f64, limit: f64) -> f64 {
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
