//! A run of the trainer: epochs, batches, steps, and what is told about them.
//!
//! It is the same for all models, and so compiled in this crate: what depends on types is behind [`Learner`].

use std::boxed::Box;
use std::time::Instant;

use super::evaluate::MeanLoss;
use super::learner::{Batch, Learner, Moment};
use super::progress::Progress;
use super::{Epoch, Evaluation, History, TrainError};
use crate::loss::Reduction;
use crate::schedule::Schedule;

/// A run of [`Trainer::fit`](super::Trainer::fit).
pub(super) struct Run<'a> {
    pub(super) learner: &'a mut dyn Learner,
    pub(super) progress: Progress,
    pub(super) schedule: Option<Box<dyn Schedule>>,
    pub(super) reduction: Reduction,
    /// How many batches share a step.
    pub(super) accumulate: usize,
    pub(super) history: History,
}

impl Run<'_> {
    /// All epochs that are left; those before come from the saved run, if there is one.
    pub(super) fn all(mut self, epochs: usize) -> Result<History, TrainError> {
        let mut stopped = false;
        if let Some(saved) = self.learner.load()? {
            (self.history, stopped) = saved;
        }
        self.tell(Moment::Start)?;
        while !stopped && self.history.epochs.len() < epochs {
            let begin = Instant::now();
            let training = self.epoch()?;
            self.learner.exchange();
            let told = self.end_epoch(training, begin);
            self.learner.exchange();
            stopped = told?;
            self.learner.save(&self.history, stopped)?;
        }
        self.learner.exchange();
        self.tell(Moment::End)?;
        Ok(self.history)
    }

    fn tell(&mut self, moment: Moment) -> Result<bool, TrainError> {
        self.learner.tell(moment, &self.history)
    }

    /// One epoch: all batches, and a step for each or for several.
    fn epoch(&mut self) -> Result<Evaluation, TrainError> {
        let number = self.history.epochs.len() + 1;
        self.progress.begin(number);
        let mut mean = MeanLoss::default();
        let (count, mut batches) = (self.learner.begin(number), 0);
        let (mut pending, mut value) = (Pending::of(self.reduction), f64::NAN);
        while let Some(batch) = self.learner.learn(&mut pending, number, batches + 1)? {
            batches += 1;
            value = batch.loss;
            mean.add(batch.samples, value);
            if batches % self.accumulate == 0 || batches == count {
                self.learner.step(pending.finish(), self.schedule.as_deref());
            }
            self.learner.end_batch(batches, value);
            self.progress.batch(batches, &mean, self.learner);
        }
        self.learner.check(Batch { epoch: number, batch: batches, loss: value })?;
        Ok(self.learner.evaluation(&mean))
    }

    /// Tries the model on the validation set and tells everyone about the epoch; whether a callback stops training.
    fn end_epoch(&mut self, training: Evaluation, begin: Instant) -> Result<bool, TrainError> {
        let validation = self.learner.validate()?;
        let (number, seconds) = (self.history.epochs.len() + 1, begin.elapsed().as_secs_f64());
        let learning_rate = self.learner.learning_rate();
        let epoch = Epoch { number, training, validation, learning_rate, seconds };
        self.progress.end(&epoch);
        self.history.epochs.push(epoch);
        self.tell(Moment::Epoch)
    }
}

/// Batches whose gradients wait for the step that they share.
///
/// Of a loss that is a mean, the gradient is `Σ n_i g_i / n`, with the samples `n_i` of batch `i` and `n` of the last one. So
/// batches of one size are just added up.
pub(super) struct Pending {
    samples: usize,
    last: usize,
    is_mean: bool,
}

impl Pending {
    fn of(reduction: Reduction) -> Self {
        Pending { samples: 0, last: 0, is_mean: reduction == Reduction::Mean }
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// One more, which may have fewer samples than the last one; what the gradient is to be multiplied by before.
    pub(super) fn add(&mut self, samples: usize) -> Option<f64> {
        let differs = self.is_mean && self.samples > 0 && samples != self.last;
        let factor = differs.then(|| self.last as f64 / samples as f64);
        self.samples += samples;
        self.last = samples;
        factor
    }

    /// Before the step, which begins anew: what the gradient is to be multiplied by.
    fn finish(&mut self) -> Option<f64> {
        let differs = self.is_mean && self.last != self.samples;
        let factor = differs.then(|| self.last as f64 / self.samples as f64);
        (self.samples, self.last) = (0, 0);
        factor
    }
}
