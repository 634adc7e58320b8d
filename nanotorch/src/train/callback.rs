//! What happens beside training: at its start, after each batch, after each epoch, at its end.

use std::boxed::Box;
use std::ops::ControlFlow;

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
    pub history: &'a History,
    /// The best parameters so far, if a callback keeps them.
    pub best: &'a mut Option<Best<M>>,
}

/// Parameters that are worth keeping.
pub struct Best<M> {
    /// After which epoch the model had them.
    pub epoch: usize,
    /// The model as it was.
    pub model: Box<M>,
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
