//! What a gradient check finds.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::run::BatchError;
#[cfg(feature = "tape")]
use crate::tape::TapeError;

/// A gradient that is off, or a check that could not be made.
#[derive(Clone, Debug, PartialEq)]
pub enum GradcheckError {
    /// Inputs and targets are no batch.
    Batch(BatchError),
    /// The loss isn't finite, so that nothing can be compared.
    Loss {
        /// What it is.
        value: f64,
    },
    /// The gradient by a parameter is off.
    Parameter {
        /// Its name, as "block.0.fc1.weight".
        parameter: String,
        /// Which of its numbers.
        index: Vec<usize>,
        /// What differences give.
        expected: f64,
        /// What the backward pass gives.
        got: f64,
    },
    /// The gradient by the input is off.
    Input {
        /// Which sample.
        sample: usize,
        /// Which of its numbers.
        index: Vec<usize>,
        /// What differences give.
        expected: f64,
        /// What the backward pass gives.
        got: f64,
    },
    /// A gradient that should be added to what is there isn't.
    Added {
        /// The parameter's name.
        parameter: String,
        /// Which of its numbers.
        index: Vec<usize>,
        /// Twice the gradient.
        expected: f64,
        /// What is there after the gradient was added to itself.
        got: f64,
    },
    /// The gradient of a function of tensors is off; this is the number where it is off most.
    Function {
        /// Which of the function's inputs.
        input: usize,
        /// Which of its numbers.
        index: Vec<usize>,
        /// What differences give.
        expected: f64,
        /// What the tape gives.
        got: f64,
    },
    /// The function has no gradient.
    #[cfg(feature = "tape")]
    Tape(TapeError),
    /// In place a layer gives something else than otherwise.
    InPlace {
        /// The output, or the gradient by the input.
        what: &'static str,
        /// Which number of the batch.
        index: usize,
        /// What it gives from one buffer to another.
        expected: f64,
        /// What it gives in place.
        got: f64,
    },
}

impl fmt::Display for GradcheckError {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        match self {
            GradcheckError::Batch(error) => write!(formatter, "{error}"),
            GradcheckError::Loss { value } => write!(
                formatter,
                "the loss is {value}: the inputs are too large, or memory is read that was never written"
            ),
            GradcheckError::Parameter { parameter, index, expected, got } => write!(
                formatter,
                "the gradient by `{parameter}` at {index:?} is {got}, but the loss changes by {expected} a unit"
            ),
            GradcheckError::Input { sample, index, expected, got } => write!(
                formatter,
                "the gradient by the input at {index:?} of sample {sample} is {got}, but the loss changes by {expected} a unit"
            ),
            GradcheckError::Added { parameter, index, expected, got } => write!(
                formatter,
                "the gradient by `{parameter}` at {index:?} should be added to what is there when `Pass::accumulate` says so: \
                 {expected} was due, but it is {got}"
            ),
            GradcheckError::Function { input, index, expected, got } => write!(
                formatter,
                "the gradient by input {input} at {index:?} is {got}, but the result changes by {expected} a unit"
            ),
            #[cfg(feature = "tape")]
            GradcheckError::Tape(error) => write!(formatter, "{error}"),
            GradcheckError::InPlace { what, index, expected, got } => write!(
                formatter,
                "in place, number {index} of the {what} is {got}, but otherwise it is {expected}"
            ),
        }
    }
}

impl core::error::Error for GradcheckError {}

impl From<BatchError> for GradcheckError {
    fn from(error: BatchError) -> Self {
        GradcheckError::Batch(error)
    }
}

#[cfg(feature = "tape")]
impl From<TapeError> for GradcheckError {
    fn from(error: TapeError) -> Self {
        GradcheckError::Tape(error)
    }
}
