//! Running a model: its memory, made once, and one call a step that allocates nothing.

mod fixed;
mod inference;
mod misuse;
mod objective;
mod buffers;
mod inlining;
mod pass;
mod training;

pub use fixed::Static;
pub use inference::Inference;
pub use objective::{Goal, Objective};
pub use training::Training;

use core::fmt;

use crate::loss::LossError;

/// A batch that can't be run.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchError {
    /// The inputs are no whole number of samples.
    InputLength {
        /// How many numbers were given.
        given: usize,
        /// How many a sample has.
        sample: usize,
    },
    /// There are more samples than the memory was made for, or not exactly as many, where the batch is constant.
    Rows {
        /// How many samples were given.
        given: usize,
        /// How many there can be.
        capacity: usize,
    },
    /// There are not as many targets as the samples need.
    TargetLength {
        /// How many were given.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The gradient by the outputs isn't as long as the outputs of the last forward pass.
    OutputGradientLength {
        /// How many numbers were given.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A backward pass isn't for the batch of the last forward pass.
    NotForwarded {
        /// How many samples were given.
        given: usize,
        /// How many went forward last.
        forwarded: usize,
    },
    /// A target can't be used.
    Target(LossError),
}

impl fmt::Display for BatchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        match self {
            BatchError::InputLength { given, sample } => {
                write!(formatter, "{given} numbers are no whole number of samples, which have {sample} each")
            }
            BatchError::Rows { given, capacity } => {
                write!(
                    formatter,
                    "{given} samples don't make a batch of {capacity}; use `UpTo<{capacity}>` for fewer, more memory for more"
                )
            }
            BatchError::TargetLength { given, needed } => {
                write!(formatter, "{given} targets were given, but the samples need {needed}")
            }
            BatchError::OutputGradientLength { given, needed } => {
                write!(
                    formatter,
                    "{given} numbers are no gradient by the outputs, of which there are {needed}"
                )
            }
            BatchError::NotForwarded { given, forwarded } => {
                write!(
                    formatter,
                    "a backward pass of {given} samples follows a forward pass of {forwarded}; call `forward` with the same inputs first"
                )
            }
            BatchError::Target(error) => write!(formatter, "{error}"),
        }
    }
}

impl core::error::Error for BatchError {}

/// Static memory that is too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryError {
    /// How many numbers it holds.
    pub given: usize,
    /// How many are needed.
    pub needed: usize,
}

impl fmt::Display for MemoryError {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MemoryError { given, needed } = self;
        write!(
            formatter,
            "the memory holds {given} numbers, but {needed} are needed; `train_bytes` and `infer_bytes` of the model say how many bytes"
        )
    }
}

impl core::error::Error for MemoryError {}

impl From<LossError> for BatchError {
    fn from(error: LossError) -> Self {
        BatchError::Target(error)
    }
}
