//! What a training run was like, epoch by epoch.

use alloc::vec::Vec;
use core::fmt;

use super::{Evaluation, Score};

/// One pass over the training set.
#[derive(Clone, Debug, PartialEq)]
pub struct Epoch {
    /// Which one, from 1.
    pub number: usize,
    /// Loss and metrics on the training set, measured while the model learned: each batch before its step.
    pub training: Evaluation,
    /// Loss and metrics on the validation set after the epoch.
    pub validation: Option<Evaluation>,
    /// The learning rate of its last step.
    pub learning_rate: f64,
    /// How long it took, validation included.
    pub seconds: f64,
}

impl Epoch {
    /// The score `name` (`loss` is one): on the validation set if there is one, else on the training set.
    pub fn score(&self, name: &str) -> Option<Score> {
        self.validation.as_ref().unwrap_or(&self.training).score(name)
    }

    /// The epoch in a line that begins with `head`.
    pub(super) fn line(&self, out: &mut dyn fmt::Write, head: fmt::Arguments<'_>) -> fmt::Result {
        write!(out, "{head}: {}", self.training)?;
        if let Some(validation) = &self.validation {
            write!(out, "; validation {validation}")?;
        }
        write!(out, "; {:.2} s", self.seconds)
    }
}

impl fmt::Display for Epoch {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line(formatter, format_args!("epoch {:>3}", self.number))
    }
}

/// What [`Trainer::fit`](super::Trainer::fit) returns: all epochs in order.
///
/// ```
/// use nanotorch::train::{Epoch, Evaluation, History};
/// let training = Evaluation { loss: 0.7, scores: vec![] };
/// let first = Epoch { number: 1, training, validation: None, learning_rate: 0.1, seconds: 0.02 };
/// let history = History { epochs: vec![first] };
/// assert_eq!(history.to_string(), "epoch   1: loss 0.7000; 0.02 s\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The epochs; those before an interruption too, where a run was resumed.
    pub epochs: Vec<Epoch>,
}

impl History {
    /// The last epoch.
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }

    /// The epoch with the best score `name` (`loss` is one), as [`Epoch::score`] has it; the first of equal ones.
    #[inline]
    pub fn best(&self, name: &str) -> Option<&Epoch> {
        let mut best: Option<(&Epoch, f64)> = None;
        for epoch in &self.epochs {
            let Some(score) = epoch.score(name) else { continue };
            if best.is_none_or(|(_, value)| score.is_better(value, 0.0)) {
                best = Some((epoch, score.value));
            }
        }
        best.map(|(epoch, _)| epoch)
    }

    /// Saves the curves of the loss and of each metric, training and validation, as an SVG image.
    ///
    /// # Errors
    /// The file can't be written, or there is no epoch to draw.
    #[cfg(feature = "plot")]
    pub fn plot_svg(&self, path: impl AsRef<std::path::Path>) -> Result<(), super::TrainError> {
        super::plot::svg(self, path.as_ref())
    }
}

/// A line for each epoch.
impl fmt::Display for History {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for epoch in &self.epochs {
            writeln!(formatter, "{epoch}")?;
        }
        Ok(())
    }
}
