//! Weights of classes.

use super::LossError;
use super::error::check_setting;
use crate::element::Float;
use crate::message::{Text, edges_of};
use crate::shape::{Dim, Shape};

/// A weight for each class, or none: [`Even`], an array, or a reference to an array, which is for many classes.
///
/// ```
/// use nanotorch::loss::CrossEntropy;
///
/// let even = CrossEntropy::default();
/// let weighted = CrossEntropy::default().weighted([1.0_f32, 2.0, 0.5]);
/// static RARE: [f32; 3] = [1.0, 2.0, 0.5];
/// let borrowed = CrossEntropy { smoothing: 0.1, ..CrossEntropy::default() }.weighted(&RARE);
/// ```
///
/// A number of weights that isn't the prediction's number of classes is an error of the build:
///
/// ```compile_fail
/// use nanotorch::{loss::{CrossEntropy, Loss}, shape::R1};
///
/// let weighted = CrossEntropy::default().weighted([1.0_f32, 2.0, 0.5]);
/// // the loss has 3 class weights, but the prediction's last axis has 4
/// Loss::<R1<4>, f32>::check(&weighted, &[0]).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no weights of classes in `{T}`",
    note = "give an array of the model's own type of numbers, one a class: `.weighted([1.0_f32, 2.0, 0.5])`"
)]
pub trait ClassWeights<T: Float> {
    /// How many there are, if there are any.
    const COUNT: Option<usize>;
    /// The weights, one a class.
    fn numbers(&self) -> Option<&[T]>;
}

/// Every class counts as much as any other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Even;

impl<T: Float> ClassWeights<T> for Even {
    const COUNT: Option<usize> = None;
    #[inline(always)]
    fn numbers(&self) -> Option<&[T]> {
        None
    }
}

impl<T: Float, const N: usize> ClassWeights<T> for [T; N] {
    const COUNT: Option<usize> = Some(N);
    #[inline(always)]
    fn numbers(&self) -> Option<&[T]> {
        Some(self)
    }
}

impl<T: Float, W: ClassWeights<T>> ClassWeights<T> for &W {
    const COUNT: Option<usize> = W::COUNT;
    #[inline(always)]
    fn numbers(&self) -> Option<&[T]> {
        (**self).numbers()
    }
}

/// The prediction has an axis of classes, as many as there are weights, if there are any.
pub(super) const fn assert_classes<S: Shape>(weights: Option<usize>) {
    if edges_of::<S>() > 1 {
        let message = Text::new("this loss takes one prediction, but the model has ")
            .number(edges_of::<S>())
            .text(" outputs, ")
            .shape::<S>()
            .text("; train it by `step_toward`, toward a `Goal` for each of them");
        panic!("{}", message.as_str());
    }
    if S::RANK == 0 {
        panic!("this loss takes a prediction with an axis of classes, but the prediction is a scalar");
    }
    assert_weights::<S>(weights);
}

/// The prediction's last axis is as long as there are weights, if there are any.
pub(super) const fn assert_weights<S: Shape>(weights: Option<usize>) {
    if let Some(count) = weights
        && count != S::Last::N
    {
        let message = Text::new("the loss has ")
            .number(count)
            .text(" class weights, but the prediction's last axis has ")
            .number(S::Last::N);
        panic!("{}", message.as_str());
    }
}

const fn is_none(count: Option<usize>) -> bool {
    count.is_none()
}

/// No weight is negative, infinite or NaN.
#[inline(always)]
pub(super) fn check_weights<T: Float, W: ClassWeights<T>>(
    name: &'static str,
    weights: &W,
) -> Result<(), LossError> {
    if const { is_none(W::COUNT) } {
        return Ok(());
    }
    let Some(numbers) = weights.numbers() else { return Ok(()) };
    for &weight in numbers {
        let makes_sense = weight.is_finite() && weight >= T::ZERO;
        check_setting(name, weight.to_f64(), "finite and not negative", makes_sense)?;
    }
    Ok(())
}
