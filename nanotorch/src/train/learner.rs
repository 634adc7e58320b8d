//! What a run does with its model, whatever the types of model, loss, optimizer, metrics and callbacks are.

use std::boxed::Box;

use super::callback::Best;
use super::evaluate::{MeanLoss, Memory, Set, evaluation, measure};
use super::fit::Pending;
use super::inspector::{Finding, explain_gradient, explain_loss, first_not_finite};
use super::resume::{Identity, Keep, Kept, Saved, Whole};
use super::{Callback, Evaluation, History, Metric, OptimizerFor, Origin, State, TrainError};
use crate::data::{Augmentation, AugmentedBatches};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::flat::all_finite;
use crate::loss::Loss;
use crate::model::{Model, OutputOf, Parameters};
use crate::optimizer::{MovingAverage, Optimizer, scale};
use crate::run::{Goal, Training};
use crate::schedule::Schedule;
use crate::shape::{Shape, UpTo};

/// What a run asks of a model and what belongs to it.
pub(super) trait Learner {
    /// Begins the epoch of this number; how many batches it has.
    fn begin(&mut self, epoch: usize) -> usize;
    /// Computes the gradient of the next batch, of these numbers; none where the epoch ends.
    fn learn(
        &mut self,
        pending: &mut Pending,
        epoch: usize,
        batch: usize,
    ) -> Result<Option<Learned>, TrainError>;
    /// Takes a step by the gradient, multiplied by a factor if there is one.
    fn step(&mut self, factor: Option<f64>, schedule: Option<&dyn Schedule>);
    /// Tells the callbacks of a batch.
    fn end_batch(&mut self, batch: usize, loss: f64);
    /// The loss and the scores so far.
    fn evaluation(&self, loss: &MeanLoss) -> Evaluation;
    /// Finds out whether the last steps have left the parameters finite.
    fn check(&mut self, last: Batch) -> Result<(), TrainError>;
    /// Tries the model on the validation set, if there is one.
    fn validate(&mut self) -> Result<Option<Evaluation>, TrainError>;
    /// The optimizer's learning rate.
    fn learning_rate(&self) -> f64;
    /// The model's parameters for their average and the other way round, if there is one.
    fn exchange(&mut self);
    /// Tells the callbacks; whether one stops training.
    fn tell(&mut self, moment: Moment, history: &History) -> Result<bool, TrainError>;
    /// Saves the run, if it is one that is resumed.
    fn save(&mut self, history: &History, stopped: bool) -> Result<(), TrainError>;
    /// Goes on with the saved run, if there is one. On an error nothing has changed.
    fn load(&mut self) -> Result<Option<Saved>, TrainError>;
}

/// When callbacks are told of a run.
#[derive(Clone, Copy)]
pub(super) enum Moment {
    Start,
    Epoch,
    End,
}

/// A batch whose gradient was computed.
pub(super) struct Learned {
    pub(super) samples: usize,
    pub(super) loss: f64,
}

/// A batch, and its loss.
#[derive(Clone, Copy)]
pub(super) struct Batch {
    pub(super) epoch: usize,
    pub(super) batch: usize,
    pub(super) loss: f64,
}

/// The learner of [`Trainer::fit`](super::Trainer::fit).
pub(super) struct Learning<
    'a,
    M: Model,
    const BATCH: usize,
    S: Shape,
    L: Loss<OutputOf<M>, M::Element>,
    O: OptimizerFor<M>,
    N,
    C,
    A,
> {
    pub(super) model: &'a mut M,
    pub(super) memory: Training<M, UpTo<BATCH>>,
    pub(super) batches: AugmentedBatches<'a, BATCH, S, A, L::Target, M::Element>,
    pub(super) validation: Option<(&'a Set<M, L>, Memory<M>)>,
    pub(super) optimizer: O::Optimizer,
    pub(super) best: Option<Best<M>>,
    /// The parameters at the start of the epoch, if they were finite.
    pub(super) good: Option<Box<M>>,
    pub(super) loss: L,
    pub(super) metrics: N,
    pub(super) callbacks: C,
    pub(super) average: Option<MovingAverage<M>>,
    pub(super) identity: Identity,
    pub(super) keeper: Option<Box<dyn Keep<M, O>>>,
}

impl<M, const BATCH: usize, S, L, O, N, C, A> Learner for Learning<'_, M, BATCH, S, L, O, N, C, A>
where
    M: Model,
    S: Shape,
    L: Loss<OutputOf<M>, M::Element>,
    O: OptimizerFor<M>,
    N: Metric<M::Element, L::Target>,
    C: Callback<M, O::Optimizer>,
    A: Augmentation<S, M::Element, Out = M::Input>,
{
    fn begin(&mut self, epoch: usize) -> usize {
        self.metrics.reset();
        let model = &*self.model;
        match &mut self.good {
            _ if !all_finite(model.values()) => self.good = None,
            Some(good) => good.values_mut().copy_from_slice(model.values()),
            none => *none = Some(model.boxed_copy()),
        }
        self.batches.start_epoch(epoch as u64);
        self.batches.len()
    }

    fn learn(
        &mut self,
        pending: &mut Pending,
        epoch: usize,
        batch: usize,
    ) -> Result<Option<Learned>, TrainError> {
        let Some(next) = self.batches.next_batch() else { return Ok(None) };
        let random = self.memory.random().clone();
        let accumulate = if pending.is_empty() { Accumulate::Replace } else { Accumulate::Add };
        if let Some(factor) = pending.add(next.len) {
            scale(self.memory.gradient_mut(), factor);
        }
        let goal = Goal::new(&self.loss, next.targets);
        let loss = self.memory.gradients_toward(self.model, &goal, next.inputs, accumulate)?.to_f64();
        // Before anything is changed, so that the model keeps its last good parameters.
        if !loss.is_finite() || !all_finite(self.memory.gradient().values()) {
            let finding = if loss.is_finite() {
                explain_gradient::<M>(self.memory.gradient())
            } else {
                explain_loss(&mut self.memory, &*self.model, next.inputs, random)
            };
            return Err(self.not_finite(Batch { epoch, batch, loss }, finding));
        }
        self.metrics.update(next.len, self.memory.outputs(), next.targets);
        Ok(Some(Learned { samples: next.len, loss }))
    }

    fn step(&mut self, factor: Option<f64>, schedule: Option<&dyn Schedule>) {
        if let Some(factor) = factor {
            scale(self.memory.gradient_mut(), factor);
        }
        if let Some(schedule) = schedule {
            self.optimizer.set_learning_rate(schedule.rate(self.optimizer.steps()));
        }
        self.memory.apply(self.model, &mut self.optimizer);
        if let Some(average) = &mut self.average {
            average.update(self.model);
        }
    }

    fn end_batch(&mut self, batch: usize, loss: f64) {
        self.callbacks.batch(batch, loss);
    }

    fn evaluation(&self, loss: &MeanLoss) -> Evaluation {
        evaluation(loss, &self.metrics)
    }

    fn check(&mut self, last: Batch) -> Result<(), TrainError> {
        if self.good.is_some() && !all_finite(self.model.values()) {
            return Err(self.not_finite(last, (None, Origin::Loss)));
        }
        Ok(())
    }

    fn validate(&mut self) -> Result<Option<Evaluation>, TrainError> {
        let Some((set, memory)) = &mut self.validation else { return Ok(None) };
        self.metrics.reset();
        measure(memory, &*self.model, set, &self.loss, &mut self.metrics).map(Some)
    }

    fn learning_rate(&self) -> f64 {
        self.optimizer.learning_rate()
    }

    fn exchange(&mut self) {
        if let Some(average) = &mut self.average
            && average.updates() > 0
        {
            self.model.values_mut().swap_with_slice(average.model_mut().values_mut());
        }
    }

    fn tell(&mut self, moment: Moment, history: &History) -> Result<bool, TrainError> {
        let mut random = self.memory.random().clone();
        let mut state = State {
            model: &mut *self.model,
            optimizer: &mut self.optimizer,
            random: &mut random,
            history,
            best: &mut self.best,
        };
        let stops = match moment {
            Moment::Start => self.callbacks.start(&mut state).map(|()| false),
            Moment::Epoch => self.callbacks.epoch(&mut state).map(|flow| flow.is_break()),
            Moment::End => self.callbacks.end(&mut state).map(|()| false),
        };
        self.memory.set_random(random);
        stops
    }

    fn save(&mut self, history: &History, stopped: bool) -> Result<(), TrainError> {
        match self.kept() {
            (Some(keeper), run) => keeper.save(run, history, stopped),
            (None, _) => Ok(()),
        }
    }

    fn load(&mut self) -> Result<Option<Saved>, TrainError> {
        match self.kept() {
            (Some(keeper), run) => keeper.load(run),
            (None, _) => Ok(None),
        }
    }
}

impl<M, const BATCH: usize, S, L, O, N, C, A> Learning<'_, M, BATCH, S, L, O, N, C, A>
where
    M: Model,
    S: Shape,
    L: Loss<OutputOf<M>, M::Element>,
    O: OptimizerFor<M>,
    A: Augmentation<S, M::Element, Out = M::Input>,
{
    /// The run, and what keeps it, if something does.
    fn kept(&mut self) -> Kept<'_, M, O> {
        let whole = Whole {
            identity: self.identity,
            model: self.model,
            optimizer: &mut self.optimizer,
            average: self.average.as_mut(),
            random: self.memory.random_mut(),
            best: &mut self.best,
        };
        (self.keeper.as_deref(), whole)
    }

    /// The error of a batch whose loss or gradient isn't finite. Parameters that a step of this epoch has spoiled become those
    /// from before the epoch.
    #[cold]
    fn not_finite(&mut self, last: Batch, finding: Finding) -> TrainError {
        let (layer, mut origin) = finding;
        if let (Some(good), Some(name)) = (&self.good, first_not_finite(&*self.model)) {
            self.model.values_mut().copy_from_slice(good.values());
            origin = Origin::Step(name);
        }
        if let Origin::Input { sample, .. } = &mut origin {
            // From the batch to the data set.
            *sample = self.batches.rows().get(*sample).copied().unwrap_or(*sample);
        }
        let Batch { epoch, batch, loss } = last;
        TrainError::NotFinite { epoch, batch, loss, layer, origin }
    }
}
