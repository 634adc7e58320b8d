//! What happens beside training: at its start, after each batch, after each epoch, at its end.

use std::borrow::ToOwned;
use std::ops::ControlFlow;
use std::vec::Vec;

use super::{Epoch, History, TrainError};
use crate::model::Model;
use crate::random::Random;

/// Training as a callback sees it.
pub struct State<'a, M, O> {
    /// The model.
    pub model: &'a mut M,
    /// The optimizer.
    pub optimizer: &'a mut O,
    /// The random numbers of training (dropout).
    pub random: &'a mut Random,
    /// The epochs so far, the one that has just ended included.
    pub history: &'a mut History,
}

impl<M, O> State<'_, M, O> {
    /// The epoch that has just ended; none if training has just begun.
    pub fn epoch(&self) -> Option<&Epoch> {
        self.history.epochs.last()
    }
}

/// Something that is told how training goes, and may change or stop it.
///
/// ```
/// use core::ops::ControlFlow;
/// use nanotorch::train::{Callback, State, TrainError};
///
/// /// Halves the learning rate after each epoch.
/// struct Halve;
/// impl<M, O: nanotorch::optimizer::Optimizer<M>> Callback<M, O> for Halve
/// where
///     M: nanotorch::model::Model,
/// {
///     fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
///         state.optimizer.set_learning_rate(0.5 * state.optimizer.learning_rate());
///         Ok(ControlFlow::Continue(()))
///     }
/// }
/// ```
pub trait Callback<M: Model, O> {
    /// Training is about to begin. If the history isn't empty, it goes on from there.
    ///
    /// # Errors
    /// What makes it senseless to begin.
    fn start(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        let _ = state;
        Ok(())
    }

    /// A batch has been learned; its number in the epoch, from 1, and its loss. It should allocate nothing.
    #[inline(always)]
    fn batch(&mut self, number: usize, loss: f64) {
        let _ = (number, loss);
    }

    /// An epoch has ended. `Break` stops training after the other callbacks have seen this epoch too.
    ///
    /// # Errors
    /// What makes it senseless to go on.
    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError>;

    /// Training has ended, at its last epoch or because a callback stopped it, but not with an error.
    ///
    /// # Errors
    /// What makes the result useless.
    fn end(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        let _ = state;
        Ok(())
    }
}

impl<M: Model, O> Callback<M, O> for () {
    fn epoch(&mut self, _: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        Ok(ControlFlow::Continue(()))
    }
}

/// One after the other.
impl<M: Model, O, A: Callback<M, O>, B: Callback<M, O>> Callback<M, O> for (A, B) {
    fn start(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        self.0.start(state)?;
        self.1.start(state)
    }

    #[inline(always)]
    fn batch(&mut self, number: usize, loss: f64) {
        self.0.batch(number, loss);
        self.1.batch(number, loss);
    }

    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        let (first, second) = (self.0.epoch(state)?, self.1.epoch(state)?);
        Ok(if first.is_break() { first } else { second })
    }

    fn end(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        self.0.end(state)?;
        self.1.end(state)
    }
}

impl<M: Model, O, C: Callback<M, O>> Callback<M, O> for &mut C {
    fn start(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        (**self).start(state)
    }

    #[inline(always)]
    fn batch(&mut self, number: usize, loss: f64) {
        (**self).batch(number, loss);
    }

    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        (**self).epoch(state)
    }

    fn end(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        (**self).end(state)
    }
}

/// Calls a function after each epoch.
///
/// ```
/// use core::ops::ControlFlow;
/// use nanotorch::train::OnEpoch;
/// let good_enough = OnEpoch(|epoch| {
///     if epoch.training.loss < 1e-3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
/// });
/// # let _ = good_enough.0;
/// ```
pub struct OnEpoch<F: FnMut(&Epoch) -> ControlFlow<()>>(pub F);

impl<M: Model, O, F: FnMut(&Epoch) -> ControlFlow<()>> Callback<M, O> for OnEpoch<F> {
    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        Ok(state.epoch().map_or(ControlFlow::Continue(()), &mut self.0))
    }
}

/// A score that is watched, and the best it has been.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    pub(super) name: Option<&'static str>,
    pub(super) least: f64,
    best: Option<f64>,
}

impl Watch {
    /// Whether this epoch is better than all before it.
    pub(super) fn improves(&mut self, epoch: &Epoch) -> Result<bool, TrainError> {
        let name = self.name.unwrap_or("loss");
        let Some(score) = epoch.score(name) else {
            let measured: Vec<_> = epoch.training.all().map(|score| score.name).collect();
            return Err(TrainError::NoSuchScore { name: name.to_owned(), measured });
        };
        let better = self.best.is_none_or(|best| score.is_better(best, self.least));
        if better {
            self.best = Some(score.value);
        }
        Ok(better)
    }

    pub(super) fn forget(&mut self) {
        self.best = None;
    }
}

/// Stops training when a score hasn't improved for `patience` epochs, and leaves the best epoch's parameters in the model.
///
/// It watches the loss, or the score that is [named](EarlyStopping::of): on the validation set if there is one, else on the
/// training set. The best parameters come back at the end of training too when it wasn't stopped. A run that is resumed
/// counts anew.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    watch: Watch,
    patience: usize,
    waited: usize,
    /// The best parameters as bytes, because their type is the model's affair.
    best: Vec<u8>,
}

impl EarlyStopping {
    /// Stops after `patience` epochs without a better loss.
    pub fn new(patience: usize) -> Self {
        EarlyStopping { watch: Watch::default(), patience, waited: 0, best: Vec::new() }
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
    fn start(&mut self, _: &mut State<'_, M, O>) -> Result<(), TrainError> {
        self.watch.forget();
        self.waited = 0;
        self.best.clear();
        Ok(())
    }

    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        let Some(epoch) = state.epoch() else { return Ok(ControlFlow::Continue(())) };
        if self.watch.improves(epoch)? {
            self.waited = 0;
            self.best.clear();
            self.best.extend_from_slice(bytemuck::cast_slice(state.model.values()));
        } else {
            self.waited += 1;
        }
        Ok(if self.waited >= self.patience.max(1) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }

    fn end(&mut self, state: &mut State<'_, M, O>) -> Result<(), TrainError> {
        let values: &mut [u8] = bytemuck::cast_slice_mut(state.model.values_mut());
        if values.len() == self.best.len() {
            values.copy_from_slice(&self.best);
        }
        Ok(())
    }
}
