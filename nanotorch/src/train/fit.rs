//! A run of the trainer: epochs, batches, steps, and what is told about them.

use std::boxed::Box;
use std::time::Instant;

use super::callback::Best;
use super::evaluate::{MeanLoss, Memory, Set, evaluation, measure};
use super::inspector::{Finding, explain_gradient, explain_loss, first_not_finite};
use super::progress::Progress;
use super::resume::Resume;
use super::{Callback, Epoch, Evaluation, History, Metric, Origin, State, TrainError};
use crate::data::{Augmentation, AugmentedBatches};
use crate::element::Float;
use crate::kernel::flat::all_finite;
use crate::loss::{Loss, Reduction};
use crate::model::{Model, OutputOf, Parameters};
use crate::optimizer::{MovingAverage, Optimizer, scale};
use crate::run::Training;
use crate::schedule::Schedule;
use crate::shape::{Shape, UpTo};

/// A run of [`Trainer::fit`](super::Trainer::fit).
pub(super) struct Run<
    'a,
    M: Model,
    const BATCH: usize,
    S: Shape,
    L: Loss<OutputOf<M>, M::Element>,
    O,
    N,
    C,
    A,
> {
    pub(super) memory: Training<M, UpTo<BATCH>>,
    pub(super) batches: AugmentedBatches<'a, BATCH, S, A, L::Target, M::Element>,
    pub(super) validation: Option<(&'a Set<M, L>, Memory<M>)>,
    pub(super) progress: Progress,
    pub(super) optimizer: O,
    pub(super) history: History,
    pub(super) best: Option<Best<M>>,
    /// The parameters at the start of the epoch, if they were finite.
    pub(super) good: Option<Box<M>>,
    pub(super) loss: L,
    pub(super) metrics: N,
    pub(super) callbacks: C,
    pub(super) schedule: Option<Box<dyn Schedule>>,
    /// How many batches share a step.
    pub(super) accumulate: usize,
    pub(super) average: Option<MovingAverage<M>>,
}

impl<M, const BATCH: usize, S, L, O, N, C, A> Run<'_, M, BATCH, S, L, O, N, C, A>
where
    M: Model,
    S: Shape,
    L: Loss<OutputOf<M>, M::Element>,
    O: Optimizer<M>,
    N: Metric<M::Element, L::Target>,
    C: Callback<M, O>,
    A: Augmentation<S, M::Element, Out = M::Input>,
{
    /// Goes on with a saved run, if there is one; whether a callback had stopped it.
    pub(super) fn resume(&mut self, model: &mut M, resume: &Resume) -> Result<bool, TrainError> {
        let loaded = resume.load(model, &mut self.optimizer, self.average.as_mut(), &mut self.best)?;
        Ok(loaded.is_some_and(|saved| {
            self.memory.set_random(saved.random);
            self.history = saved.history;
            saved.stopped
        }))
    }

    /// All epochs that are left.
    pub(super) fn run(
        &mut self,
        model: &mut M,
        resume: Option<&Resume>,
        epochs: usize,
        mut stopped: bool,
    ) -> Result<(), TrainError> {
        self.with_state(model, |callbacks, state| callbacks.start(state))?;
        while !stopped && self.history.epochs.len() < epochs {
            let begin = Instant::now();
            let training = self.epoch(model)?;
            self.exchange(model);
            let told = self.tell(model, training, begin);
            self.exchange(model);
            stopped = told?;
            if let Some(resume) = resume {
                let average = self.average.take();
                let saved = self.with_state(model, |_, state| resume.save(state, average.as_ref(), stopped));
                self.average = average;
                saved?;
            }
        }
        self.exchange(model);
        self.with_state(model, |callbacks, state| callbacks.end(state))
    }

    /// The model's parameters for their average and the other way round, if there is one.
    fn exchange(&mut self, model: &mut M) {
        if let Some(average) = self.average.as_mut().filter(|average| average.updates() > 0) {
            model.values_mut().swap_with_slice(average.model_mut().values_mut());
        }
    }

    /// Calls a callback with the run's state.
    fn with_state<R>(
        &mut self,
        model: &mut M,
        call: impl FnOnce(&mut C, &mut State<'_, M, O>) -> Result<R, TrainError>,
    ) -> Result<R, TrainError> {
        let mut random = self.memory.random().clone();
        let mut state = State {
            model,
            optimizer: &mut self.optimizer,
            random: &mut random,
            history: &self.history,
            best: &mut self.best,
        };
        let result = call(&mut self.callbacks, &mut state);
        self.memory.set_random(random);
        result
    }

    /// One epoch: all batches, and a step for each or for several.
    fn epoch(&mut self, model: &mut M) -> Result<Evaluation, TrainError> {
        let number = self.history.epochs.len() + 1;
        self.progress.begin(number);
        self.metrics.reset();
        self.keep(model);
        let mut mean = MeanLoss::default();
        self.batches.start_epoch(number as u64);
        let (count, mut batches) = (self.batches.len(), 0);
        let (mut pending, mut value) = (Pending::default(), f64::NAN);
        while let Some(batch) = self.batches.next_batch() {
            batches += 1;
            let random = self.memory.random().clone();
            let loss = match pending.samples {
                0 => self.memory.gradients(model, &self.loss, batch.inputs, batch.targets)?,
                _ => {
                    pending.make_room(&self.loss, self.memory.gradient_mut(), batch.len);
                    self.memory.add_gradients(model, &self.loss, batch.inputs, batch.targets)?
                }
            };
            value = loss.to_f64();
            pending.add(batch.len);
            // Before anything is changed, so that the model keeps its last good parameters.
            if !value.is_finite() || !all_finite(self.memory.gradient().values()) {
                let finding = if value.is_finite() {
                    explain_gradient::<M>(self.memory.gradient())
                } else {
                    explain_loss(model, batch.inputs, random)
                };
                return Err(self.not_finite(model, number, batches, value, finding));
            }
            mean.add(batch.len, value);
            self.metrics.update(batch.len, self.memory.outputs(), batch.targets);
            if batches % self.accumulate == 0 || batches == count {
                pending.finish(&self.loss, self.memory.gradient_mut());
                if let Some(schedule) = &self.schedule {
                    self.optimizer.set_learning_rate(schedule.rate(self.optimizer.steps()));
                }
                self.memory.apply(model, &mut self.optimizer);
                if let Some(average) = &mut self.average {
                    average.update(model);
                }
            }
            self.callbacks.batch(batches, value);
            self.progress.batch(batches, || mean.value(), &self.metrics);
        }
        if self.good.is_some() && !all_finite(model.values()) {
            return Err(self.not_finite(model, number, batches, value, (None, Origin::Loss)));
        }
        Ok(evaluation(&mean, &self.metrics))
    }

    /// Tries the model on the validation set and tells everyone about the epoch; whether a callback stops training.
    fn tell(&mut self, model: &mut M, training: Evaluation, begin: Instant) -> Result<bool, TrainError> {
        let validation = match &mut self.validation {
            Some((set, memory)) => {
                self.metrics.reset();
                Some(measure(memory, model, set, &self.loss, &mut self.metrics)?)
            }
            None => None,
        };
        let (number, seconds) = (self.history.epochs.len() + 1, begin.elapsed().as_secs_f64());
        let learning_rate = self.optimizer.learning_rate();
        let epoch = Epoch { number, training, validation, learning_rate, seconds };
        self.progress.end(&epoch);
        self.history.epochs.push(epoch);
        Ok(self.with_state(model, |callbacks, state| callbacks.epoch(state))?.is_break())
    }

    /// Keeps the parameters as the epoch finds them, if they are finite.
    fn keep(&mut self, model: &M) {
        match &mut self.good {
            _ if !all_finite(model.values()) => self.good = None,
            Some(good) => good.values_mut().copy_from_slice(model.values()),
            none => *none = Some(model.boxed_copy()),
        }
    }

    /// The error of a batch whose loss or gradient isn't finite. Parameters that a step of this epoch has spoiled become those
    /// from before the epoch.
    fn not_finite(
        &self,
        model: &mut M,
        epoch: usize,
        batch: usize,
        loss: f64,
        finding: Finding,
    ) -> TrainError {
        let (layer, mut origin) = finding;
        if let (Some(good), Some(name)) = (&self.good, first_not_finite(model)) {
            model.values_mut().copy_from_slice(good.values());
            origin = Origin::Step(name);
        }
        if let Origin::Input { sample, .. } = &mut origin {
            // From the batch to the data set.
            *sample = self.batches.rows().get(*sample).copied().unwrap_or(*sample);
        }
        TrainError::NotFinite { epoch, batch, loss, layer, origin }
    }
}

/// Batches whose gradients wait for the step that they share.
///
/// Of a loss that is a mean, the gradient is `Σ n_i g_i / n`, with the samples `n_i` of batch `i` and `n` of the last one. So
/// batches of one size are just added up.
#[derive(Default)]
struct Pending {
    samples: usize,
    last: usize,
}

impl Pending {
    fn add(&mut self, samples: usize) {
        self.samples += samples;
        self.last = samples;
    }

    /// Before a batch is added, which may have fewer samples than the last one.
    fn make_room<S: Shape, T: Float, L: Loss<S, T>>(
        &self,
        loss: &L,
        gradient: &mut impl Parameters,
        samples: usize,
    ) {
        if loss.reduction() == Reduction::Mean && samples != self.last {
            scale(gradient, self.last as f64 / samples as f64);
        }
    }

    /// Before the step, which begins anew.
    fn finish<S: Shape, T: Float, L: Loss<S, T>>(&mut self, loss: &L, gradient: &mut impl Parameters) {
        if loss.reduction() == Reduction::Mean && self.last != self.samples {
            scale(gradient, self.last as f64 / self.samples as f64);
        }
        *self = Pending::default();
    }
}
