//! A moving average of the weights.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use super::groups::{Run, Uniform, table};
use crate::element::Float;
use crate::kernel::flat;
use crate::model::Parameters;

/// `a = decay a + (1 - decay) p` after each step: a second model that follows the first one slowly, and often does better.
///
/// The first update copies the model. What isn't trained (frozen fields, buffers) is copied each time.
///
/// ```
/// use nanotorch::{loss::Mse, optimizer::{MovingAverage, Sgd}, prelude::*, run::Training};
/// # #[model(input = [2])]
/// # pub struct Line {
/// #     fc: Linear<2, 1>,
/// # }
/// let mut line = Line::new(1);
/// let mut training = Training::<Line, Const<2>>::new(7);
/// let mut optimizer = Sgd::new(0.1).build::<Line>();
/// let mut average = MovingAverage::<Line>::new(0.99);
/// for _ in 0..3 {
///     training.step(&mut line, &mut optimizer, &Mse::default(), &[0.0, 1.0, 1.0, 0.0], &[1.0, 2.0])?;
///     average.update(&line);
/// }
/// let smooth: &Line = average.model();
/// # let _ = smooth;
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
/// Source: PyTorch's `torch.optim.swa_utils.AveragedModel` with `get_ema_multi_avg_fn(decay)`.
pub struct MovingAverage<M: Parameters> {
    average: Box<M>,
    updates: u64,
    parts: Parts,
}

/// How the parts of a model are followed; the same for all models.
struct Parts {
    decay: f64,
    averaged: Vec<Run>,
    copied: Vec<Range<usize>>,
}

impl Parts {
    /// Of a model of so many numbers, of which `averaged` are averaged.
    fn new(decay: f64, averaged: Vec<Run>, numbers: usize) -> Self {
        let mut copied = Vec::new();
        let mut end = 0;
        for run in &averaged {
            if end < run.numbers.start {
                copied.push(end..run.numbers.start);
            }
            end = run.numbers.end;
        }
        if end < numbers {
            copied.push(end..numbers);
        }
        Parts { decay, averaged, copied }
    }

    fn follow<T: Float>(&self, average: &mut [T], numbers: &[T]) {
        for range in &self.copied {
            average[range.clone()].copy_from_slice(&numbers[range.clone()]);
        }
        for run in &self.averaged {
            let range = run.numbers.clone();
            flat::follow(&mut average[range.clone()], &numbers[range], self.decay);
        }
    }
}

impl<M: Parameters> MovingAverage<M> {
    /// An average that keeps the part `decay` of itself in each update.
    pub fn new(decay: f64) -> Self {
        let averaged = table::<M>(&Uniform).pop().map_or(Vec::new(), |group| group.runs);
        MovingAverage { average: M::zeroed(), updates: 0, parts: Parts::new(decay, averaged, M::PARAMS) }
    }

    /// Takes up the model as it is after a step. Allocates nothing.
    pub fn update(&mut self, model: &M) {
        if self.updates == 0 {
            self.average.values_mut().copy_from_slice(model.values());
        } else {
            self.parts.follow(self.average.values_mut(), model.values());
        }
        self.updates += 1;
    }

    /// The average; zeros before the first update.
    pub fn model(&self) -> &M {
        &self.average
    }

    /// The average, to be loaded from a file.
    pub fn model_mut(&mut self) -> &mut M {
        &mut self.average
    }

    /// How many updates there were.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// Sets how many updates there were, when a saved state is resumed.
    pub fn set_updates(&mut self, updates: u64) {
        self.updates = updates;
    }
}
