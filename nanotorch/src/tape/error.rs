//! What can be asked of a tape that it can't do.

use core::fmt;

use crate::loss::LossError;
use crate::shape::Layout;

/// A gradient that can't be had.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TapeError {
    /// Nothing that went into the result asked for a gradient.
    Constant {
        /// The operation that gave the result.
        operation: &'static str,
    },
    /// The way back from here was gone before, and its memory has been used for it.
    Repeated {
        /// The operation where it ends.
        operation: &'static str,
    },
    /// The gradient that is given is for another number of elements.
    Seed {
        /// How many numbers are given.
        given: usize,
        /// The shape of the result.
        layout: Layout,
    },
    /// The operation has no derivative of its derivative.
    Order {
        /// Which one.
        operation: &'static str,
        /// The shape of its result.
        layout: Layout,
    },
    /// A loss is given targets for another number of predictions.
    Targets {
        /// How many numbers there are.
        given: usize,
        /// How many each sample has.
        each: usize,
        /// How many samples there are.
        rows: usize,
    },
    /// A loss can't use its targets or settings.
    Loss(LossError),
}

impl From<LossError> for TapeError {
    fn from(error: LossError) -> Self {
        TapeError::Loss(error)
    }
}

impl fmt::Display for TapeError {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        match self {
            TapeError::Constant { operation } => write!(
                formatter,
                "the result of `{operation}` has no gradient: nothing that it was computed from is a variable"
            ),
            TapeError::Repeated { operation } => write!(
                formatter,
                "the gradient has gone back through `{operation}` before, which has used up what was kept for it: \
                 call `backward_and_keep` the first time"
            ),
            TapeError::Seed { given, layout } => {
                write!(formatter, "{given} numbers aren't the gradient by a result of the shape {layout}")
            }
            TapeError::Order { operation, layout } => {
                write!(formatter, "`{operation}`, which gave {layout}, has no derivative of its derivative")
            }
            TapeError::Targets { given, each, rows } => {
                let samples = if *rows == 1 { "sample" } else { "samples" };
                write!(
                    formatter,
                    "{given} numbers aren't the targets of {rows} {samples}, which are {}: {each} a sample",
                    rows * each
                )
            }
            TapeError::Loss(error) => write!(formatter, "{error}"),
        }
    }
}

impl core::error::Error for TapeError {}
