//! Losses: how far a prediction is from its target, and which way is down.

use core::fmt;

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

/// A loss of predictions of the shape `S` a sample.
///
/// The last axis is that of classes or features; axes before it count as more samples.
pub trait Loss<S: Shape, T: Float> {
    /// One number of a target: a class index (`u32`) or a number (`T`).
    type Target: Copy + Send + Sync + 'static;
    /// How many of them a sample has.
    const TARGETS: usize;

    /// Whether the targets can be used: class indices in range, say. Called before anything is computed.
    ///
    /// # Errors
    /// The first target that can't be used, and why.
    fn check(&self, targets: &[Self::Target]) -> Result<(), LossError>;

    /// The loss of `rows` samples.
    fn value<D: Device>(
        &self,
        device: &mut D,
        rows: impl Extent,
        prediction: &[T],
        target: &[Self::Target],
    ) -> T;

    /// The loss, and its gradient by the prediction.
    fn gradient<D: Device>(
        &self,
        device: &mut D,
        rows: impl Extent,
        prediction: &[T],
        target: &[Self::Target],
        gradient: &mut [T],
    ) -> T;
}

/// A target that a loss can't use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LossError {
    /// A class index isn't below the number of classes.
    ClassOutOfRange {
        /// Where among the targets.
        index: usize,
        /// The class.
        class: usize,
        /// How many classes the prediction has.
        classes: usize,
    },
    /// A number isn't one of those that the loss is defined for.
    TargetOutOfRange {
        /// Where among the targets.
        index: usize,
        /// The number.
        target: f64,
        /// What is allowed, as "from 0 to 1".
        allowed: &'static str,
    },
    /// A setting of the loss itself makes no sense.
    Setting {
        /// Which one.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// There are not as many class weights as classes.
    WeightCount {
        /// How many weights there are.
        weights: usize,
        /// How many classes the prediction has.
        classes: usize,
    },
}

impl fmt::Display for LossError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            LossError::ClassOutOfRange { index, class, classes } => write!(
                formatter,
                "target {index} is class {class}, but the prediction has {classes} classes, 0 to {}",
                classes.saturating_sub(1)
            ),
            LossError::TargetOutOfRange { index, target, allowed } => {
                write!(formatter, "target {index} is {target}, but this loss takes targets {allowed}")
            }
            LossError::Setting { name, value, allowed } => {
                write!(formatter, "the loss's `{name}` is {value}; it must be {allowed}")
            }
            LossError::WeightCount { weights, classes } => {
                write!(formatter, "there are {weights} class weights for {classes} classes; give one a class")
            }
        }
    }
}

impl core::error::Error for LossError {}
