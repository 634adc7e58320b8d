//! Callbacks that watch a score: early stopping, and the best model in a file.
//!
//! All is compiled where it is used (`#[inline]`), as most programs don't.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::string::ToString;

use super::callback::Best;
use super::{Callback, Epoch, History, State, TrainError};
use crate::checkpoint;
use crate::model::Model;

/// A score that is watched, and the best it has been.
#[derive(Clone, Debug, Default)]
struct Watch {
    name: Option<&'static str>,
    least: f64,
    best: Option<f64>,
    /// How many epochs ago that was.
    waited: usize,
}

impl Watch {
    /// Begins anew, with the epochs that a resumed run has behind it.
    #[inline]
    fn start(&mut self, history: &History) -> Result<(), TrainError> {
        (self.best, self.waited) = (None, 0);
        for epoch in &history.epochs {
            self.improves(epoch)?;
        }
        Ok(())
    }

    /// Whether this epoch is better than all before it.
    #[inline]
    fn improves(&mut self, epoch: &Epoch) -> Result<bool, TrainError> {
        let name = self.name.unwrap_or("loss");
        let Some(score) = epoch.score(name) else {
            let measured = epoch.training.all().map(|score| score.name.to_string()).collect();
            return Err(TrainError::NoSuchScore { name: name.to_string(), measured });
        };
        let better = self.best.is_none_or(|best| score.is_better(best, self.least));
        if better {
            (self.best, self.waited) = (Some(score.value), 0);
        } else {
            self.waited += 1;
        }
        Ok(better)
    }
}

/// Stops training when a score hasn't improved for `patience` epochs, and leaves the best epoch's parameters in the model.
///
/// It watches the loss, or the score that is [named](EarlyStopping::of): on the validation set if there is one, else on the
/// training set. The best parameters come back at the end of training too when it wasn't stopped.
///
/// ```
/// use nanotorch::train::EarlyStopping;
/// let stopping = EarlyStopping::new(5).of("accuracy").at_least(0.001);
/// # let _ = stopping;
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    watch: Watch,
    patience: usize,
}

impl EarlyStopping {
    /// Stops after `patience` epochs without a better loss.
    pub fn new(patience: usize) -> Self {
        EarlyStopping { watch: Watch::default(), patience }
    }

    /// Watches the score `name`, such as `accuracy`, in place of the loss.
    #[must_use]
    pub fn of(mut self, name: &'static str) -> Self {
        self.watch.name = Some(name);
        self
    }

    /// Counts as better only what is better by more than `least`.
    #[must_use]
    pub fn at_least(mut self, least: f64) -> Self {
        self.watch.least = least;
        self
    }
}

impl<M: Model, O> Callback<M, O> for EarlyStopping {
    fn start(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        self.watch.start(state.history)
    }

    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        let Some(epoch) = state.epoch() else { return Ok(ControlFlow::Continue(())) };
        if self.watch.improves(epoch)? {
            let number = epoch.number;
            match &mut *state.best {
                Some(best) => {
                    best.epoch = number;
                    best.model.values_mut().copy_from_slice(state.model.values());
                }
                none => *none = Some(Best { epoch: number, model: state.model.boxed_copy() }),
            }
        }
        let stop = self.watch.waited >= self.patience.max(1);
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn end(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        if let Some(best) = state.best {
            state.model.values_mut().copy_from_slice(best.model.values());
        }
        Ok(())
    }
}

/// Saves the model to a file whenever a score is better than in all epochs before.
///
/// It watches the loss, or the score that is [named](BestCheckpoint::of), as [`EarlyStopping`] does. The file is a plain
/// checkpoint of the model (see [`checkpoint::load`]); it is replaced in one move.
///
/// ```
/// use nanotorch::train::BestCheckpoint;
/// let checkpoint = BestCheckpoint::new("digits.safetensors").of("accuracy");
/// # let _ = checkpoint;
/// ```
#[derive(Clone, Debug)]
pub struct BestCheckpoint {
    watch: Watch,
    path: PathBuf,
}

impl BestCheckpoint {
    /// Saves to the file `path` whenever the loss is better.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        BestCheckpoint { watch: Watch::default(), path: path.into() }
    }

    /// Watches the score `name`, such as `accuracy`, in place of the loss.
    #[must_use]
    pub fn of(mut self, name: &'static str) -> Self {
        self.watch.name = Some(name);
        self
    }
}

impl<M: Model, O> Callback<M, O> for BestCheckpoint {
    fn start(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        self.watch.start(state.history)
    }

    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        if let Some(epoch) = state.epoch()
            && self.watch.improves(epoch)?
        {
            checkpoint::save(&*state.model, &self.path)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}
