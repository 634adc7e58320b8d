//! What can go wrong in training.

use std::path::PathBuf;
use std::string::String;
use std::vec::Vec;
use std::{fmt, io};

use crate::checkpoint::CheckpointError;
use crate::loss::LossError;
use crate::optimizer::SettingError;
use crate::run::BatchError;

/// Why training stopped before its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum TrainError {
    /// The data set has no samples.
    Empty,
    /// The samples have more or fewer targets than the loss needs.
    TargetsPerSample {
        /// How many a sample has.
        given: usize,
        /// How many the loss needs.
        needed: usize,
    },
    /// A target that the loss can't use, numbered in the data set; or a setting of the loss that makes no sense.
    Target(LossError),
    /// A setting of the optimizer makes no sense.
    Setting(SettingError),
    /// A batch can't be run.
    Batch(BatchError),
    /// The loss, a gradient or a parameter became NaN or infinite. The model holds its last good parameters: those from before
    /// that step, or from before that epoch if a step made them infinite.
    NotFinite {
        /// The epoch, from 1.
        epoch: usize,
        /// The batch in the epoch, from 1.
        batch: usize,
        /// The loss.
        loss: f64,
        /// The path of the first layer whose output (or, if all outputs are finite, whose gradient) is not finite, such as
        /// `blocks.1.fc`; none if the trouble lies in the data, the loss, or the last step of an epoch.
        layer: Option<String>,
        /// Where the trouble comes from.
        origin: Origin,
    },
    /// The moving average of the weights can't keep that part of itself.
    Average {
        /// The part.
        decay: f64,
    },
    /// A callback watches a score that isn't measured.
    NoSuchScore {
        /// The name that it looks for.
        name: String,
        /// What is measured.
        measured: Vec<String>,
    },
    /// The CSV log exists and has other columns.
    OtherColumns {
        /// The file.
        path: PathBuf,
        /// Its first line.
        found: String,
        /// The line that this run would write.
        expected: String,
    },
    /// The file to resume from is of another run.
    OtherRun {
        /// The file.
        path: PathBuf,
        /// What differs, such as `seed`.
        what: &'static str,
        /// What the file has.
        found: String,
        /// What this run has.
        expected: String,
    },
    /// A checkpoint can't be read or written.
    Checkpoint(CheckpointError),
    /// A file can't be read or written.
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A curve can't be drawn.
    Plot {
        /// Why.
        reason: String,
    },
}

/// Where a number that isn't finite comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the data: this sample's input already holds one.
    Input {
        /// The sample's number in the data set, from 0.
        sample: usize,
        /// Which of its numbers, from 0.
        index: usize,
    },
    /// From this parameter, which was not finite when training began.
    Parameter(String),
    /// From a step of this epoch, which made this parameter infinite or NaN.
    Step(String),
    /// From the layer's arithmetic: its input and parameters are finite, its output isn't.
    Output,
    /// From the loss: the model's outputs are finite.
    Loss,
    /// From the backward pass: the loss is finite, the gradient by this parameter isn't.
    Gradient(String),
}

impl fmt::Display for TrainError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Behind a pointer, `write!` is a call: here, and wherever there are many, all of it would be in each of them.
        let out: &mut dyn fmt::Write = formatter;
        match self {
            TrainError::Empty => out.write_str("the data set has no samples"),
            TrainError::TargetsPerSample { given, needed } => write!(
                out,
                "the data set has {given} targets a sample, but the loss needs {needed}: is the model's output of that shape?"
            ),
            TrainError::Target(error) => write!(out, "{error}"),
            TrainError::Setting(error) => write!(out, "{error}"),
            TrainError::Batch(error) => write!(out, "{error}"),
            TrainError::NotFinite { epoch, batch, loss, layer, origin } => {
                write!(out, "epoch {epoch}, batch {batch}: ")?;
                not_finite(out, *loss, layer.as_deref(), origin)
            }
            TrainError::Average { decay } => write!(
                out,
                "the moving average of the weights keeps the part {decay} of itself; it must be from 0 to below 1"
            ),
            TrainError::NoSuchScore { name, measured } => {
                write!(out, "there is no score `{name}`; measured are")?;
                for (index, name) in measured.iter().enumerate() {
                    write!(out, "{} `{name}`", if index == 0 { "" } else { "," })?;
                }
                out.write_str("; add the metric to the trainer")
            }
            TrainError::OtherColumns { path, found, expected } => write!(
                out,
                "{}: the log begins with the columns `{found}`, but this run writes `{expected}`; move the file away",
                path.display()
            ),
            TrainError::OtherRun { path, what, found, expected } => write!(
                out,
                "{}: it is of a run whose {what} is {found}, not {expected}; move the file away to begin anew",
                path.display()
            ),
            TrainError::Checkpoint(error) => write!(out, "{error}"),
            TrainError::File { path, error } => write!(out, "{}: {error}", path.display()),
            TrainError::Plot { reason } => write!(out, "the curves can't be drawn: {reason}"),
        }
    }
}

fn not_finite(out: &mut dyn fmt::Write, loss: f64, layer: Option<&str>, origin: &Origin) -> fmt::Result {
    write!(out, "the loss is {loss}")?;
    if let (Some(layer), false) = (layer, matches!(origin, Origin::Gradient(_))) {
        write!(out, "; the first output that is not finite is that of `{layer}`")?;
    }
    let advice = match origin {
        Origin::Input { sample, index } => {
            write!(out, "; sample {sample} of the data set holds NaN or infinity as number {index}")?;
            "clean the data"
        }
        Origin::Parameter(name) => {
            write!(out, "; `{name}` held NaN or infinity before this step")?;
            "begin from a model whose parameters are finite"
        }
        Origin::Step(name) => {
            write!(out, "; a step has made `{name}` NaN or infinite")?;
            "lower the learning rate, or clip the gradient"
        }
        Origin::Output => {
            out.write_str(", though its input and parameters are finite")?;
            "lower the learning rate, clip the gradient, or normalise the inputs"
        }
        Origin::Loss => {
            out.write_str(", though the model's outputs are finite")?;
            "lower the learning rate, or use a loss of logits"
        }
        Origin::Gradient(name) => {
            write!(out, ", but its gradient is not finite, first for `{name}` on the way back")?;
            "lower the learning rate, or look for a derivative that doesn't exist, such as that of a root at 0"
        }
    };
    let last = if matches!(origin, Origin::Step(_)) { "epoch" } else { "batch" };
    write!(out, "; the model is as it was before this {last}: {advice}")
}

impl core::error::Error for TrainError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            TrainError::Batch(error) => Some(error),
            TrainError::Target(error) => Some(error),
            TrainError::Setting(error) => Some(error),
            TrainError::Checkpoint(error) => Some(error),
            TrainError::File { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<BatchError> for TrainError {
    fn from(error: BatchError) -> Self {
        TrainError::Batch(error)
    }
}

impl From<SettingError> for TrainError {
    fn from(error: SettingError) -> Self {
        TrainError::Setting(error)
    }
}

impl From<CheckpointError> for TrainError {
    fn from(error: CheckpointError) -> Self {
        TrainError::Checkpoint(error)
    }
}
