//! Running a model: its memory, made once, and one call a step that allocates nothing.

mod inference;
mod training;

pub use inference::Inference;
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
    /// A target can't be used.
    Target(LossError),
}

impl fmt::Display for BatchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
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
            BatchError::Target(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for BatchError {}

impl From<LossError> for BatchError {
    fn from(error: LossError) -> Self {
        BatchError::Target(error)
    }
}
