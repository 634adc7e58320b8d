//! Losses: how far a prediction is from its target, and which way is down.
//!
//! A loss is a plain value with public fields and a [`Default`]; value and gradient come from one pass over the numbers, and
//! nothing is allocated. Definitions, reductions and the sides taken at kinks are PyTorch's.
//!
//! | for | losses |
//! | --- | --- |
//! | numbers | [`Mse`], [`Mae`], [`Huber`], [`SmoothL1`] |
//! | one class of several | [`CrossEntropy`], [`SoftCrossEntropy`], [`MultiClassHinge`] |
//! | yes or no | [`BceWithLogits`], [`Hinge`] |
//! | distributions | [`KlDivergence`], [`SoftCrossEntropy`] |
//!
//! A loss of one's own that looks at one number at a time is a [`Pointwise`]; any other is a [`Loss`].

mod binary;
mod classification;
mod divergence;
mod error;
mod margin;
mod pointwise;
mod regression;
mod weights;

pub use binary::BceWithLogits;
pub use classification::{CrossEntropy, SoftCrossEntropy};
pub use divergence::{DivergenceReduction, KlDivergence};
pub use error::LossError;
pub use margin::{Hinge, MultiClassHinge};
pub use pointwise::Pointwise;
pub use regression::{Huber, Mae, Mse, SmoothL1};
pub use weights::{ClassWeights, Even};

use crate::device::Device;
use crate::element::Float;
use crate::extent::Extent;
use crate::shape::Shape;

/// How the losses of a batch become one number, as PyTorch defines it for each loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    #[default]
    Mean,
    /// Their sum.
    Sum,
}

impl Reduction {
    /// What the sum of `count` losses is divided by.
    #[inline(always)]
    pub const fn divisor(self, count: usize) -> usize {
        match self {
            Reduction::Mean => count,
            Reduction::Sum => 1,
        }
    }
}

/// A loss of predictions of the shape `S` a sample.
///
/// The last axis is that of classes or features; axes before it count as more samples.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no loss of predictions of the shape `{S}` made of `{T}`",
    note = "class weights are an array of the model's own type of numbers: `[1.0_f32, 2.0]` for a model in f32",
    note = "a loss of your own implements `Loss`, or `Pointwise` if it looks at one number at a time",
    note = "a model with several outputs is trained by `step_toward`, toward a goal for each: `&(Goal::new(&loss, &targets), Goal::new(&other, &others))`"
)]
pub trait Loss<S: Shape, T: Float> {
    /// One number of a target: a class index (`u32`) or a number (`T`).
    type Target: Copy + Send + Sync + 'static;
    /// How many of them a sample has.
    const TARGETS: usize;

    /// How the losses of several batches become that of all of them.
    fn reduction(&self) -> Reduction {
        Reduction::Mean
    }

    /// Whether the targets can be used: class indices in range, say; and whether the loss's own settings make sense. Called
    /// before anything is computed.
    ///
    /// # Errors
    /// The first target or setting that can't be used, and why.
    fn check(&self, targets: &[Self::Target]) -> Result<(), LossError>;

    /// The loss of `rows` samples.
    fn value<D: Device>(
        &self,
        device: &mut D,
        rows: impl Extent,
        prediction: &[T],
        target: &[Self::Target],
    ) -> T;

    /// The loss, and its gradient by the prediction, which replaces what is in `gradient`.
    fn gradient<D: Device>(
        &self,
        device: &mut D,
        rows: impl Extent,
        prediction: &[T],
        target: &[Self::Target],
        gradient: &mut [T],
    ) -> T;

    /// Whether [`curvature`](Loss::curvature) is written, so that the gradient can be differentiated again.
    const CURVES: bool = false;

    /// `product = H direction`, where `H` are the second derivatives by the prediction: how the gradient changes in that direction.
    ///
    /// The [tape](crate::tape) asks for it, where gradients are differentiated.
    fn curvature(
        &self,
        rows: usize,
        prediction: &[T],
        target: &[Self::Target],
        direction: &[T],
        product: &mut [T],
    ) {
        let _ = (rows, prediction, target, direction);
        product.fill(T::NAN);
    }
}
