//! `fit`: epochs, batches, steps, and what is told about them.

use std::boxed::Box;
use std::path::PathBuf;
use std::time::Instant;

use super::callback::Best;
use super::evaluate::{MeanLoss, Memory, Set, check, evaluation, measure};
use super::inspector::{explain_gradient, explain_loss};
use super::progress::Progress;
use super::resume::Resume;
use super::{Callback, Epoch, History, Metric, Origin, State, TrainError};
use crate::data::{Batches, Dataset};
use crate::element::Float;
use crate::kernel::reduce::all_finite;
use crate::loss::Loss;
use crate::model::{Model, Module, OutputOf, Parameters};
use crate::optimizer::{Descent, Groups, Optimizer, Rule, SettingError, Settings};
use crate::random::Random;
use crate::run::Training;
use crate::schedule::Schedule;
use crate::shape::UpTo;
use crate::simd::{Simd, WithSimd, dispatch};

/// What an optimizer for models of the type `M` is made from: settings such as `Adam::new(1e-3)`, or a built optimizer.
pub trait OptimizerFor<M: Module> {
    /// The optimizer.
    type Optimizer: Optimizer<M>;
    /// Makes it.
    ///
    /// # Errors
    /// A setting that makes no sense.
    fn optimizer(self) -> Result<Self::Optimizer, SettingError>;
}

impl<M: Module, R: Rule, G: Groups> OptimizerFor<M> for Settings<R, G> {
    type Optimizer = Descent<M, R, G>;
    fn optimizer(self) -> Result<Self::Optimizer, SettingError> {
        Ok(self.check()?.build::<M>())
    }
}

impl<M: Module, R: Rule, G: Groups> OptimizerFor<M> for Descent<M, R, G> {
    type Optimizer = Self;
    fn optimizer(self) -> Result<Self, SettingError> {
        Ok(self)
    }
}

/// Trains models of the type `M` in batches of up to `BATCH` samples.
///
/// It is made from a loss and an optimizer; whatever else one wants to say has a default:
///
/// | | default |
/// | --- | --- |
/// | [`epochs`](Trainer::epochs) | 10 |
/// | [`seed`](Trainer::seed) of the order of samples and of dropout | 0 |
/// | [`metric`](Trainer::metric), any number of times | only the loss |
/// | [`schedule`](Trainer::schedule) of the learning rate, by step | the optimizer's own rate |
/// | [`callback`](Trainer::callback), any number of times | none |
/// | [`resume`](Trainer::resume) from a file after an interruption | begin anew |
/// | [`quiet`](Trainer::quiet) | a bar, if there is a terminal, and a line an epoch on standard error |
///
/// The samples are shuffled anew in each epoch, and all are used: the last batch may be smaller. The same seed, data and
/// model give the same bits. A step allocates nothing.
///
/// ```
/// use nanotorch::train::{Accuracy, EarlyStopping, Trainer};
/// use nanotorch::{data::Dataset, loss::CrossEntropy, optimizer::Adam, prelude::*, schedule::Cosine};
///
/// #[model(input = [2])]
/// pub struct Xor {
///     hidden: Linear<2, 16>,
///     tanh: Tanh,
///     head: Linear<16, 2>,
/// }
/// let set: Dataset<R1<2>> = Dataset::from_rows([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])?;
/// let mut model = Xor::new(1);
/// let history = Trainer::<Xor, 4>::new(CrossEntropy::default(), Adam::new(0.05))
///     .epochs(100)
///     .seed(7)
///     .metric(Accuracy::new())
///     .schedule(Cosine::new(0.05, 100))
///     .callback(EarlyStopping::new(20))
///     .quiet()
///     .fit(&mut model, &set, None)?;
/// assert_eq!(history.best("accuracy").and_then(|epoch| epoch.training.get("accuracy")), Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Trainer<M, const BATCH: usize, L = (), O = (), N = (), C = ()> {
    loss: L,
    optimizer: O,
    metrics: N,
    callbacks: C,
    plan: Plan,
    model: core::marker::PhantomData<fn(&mut M)>,
}

/// What has a default.
struct Plan {
    epochs: usize,
    seed: u64,
    schedule: Option<Box<dyn Schedule>>,
    resume: Option<PathBuf>,
    shown: bool,
}

impl<M: Model, const BATCH: usize> Trainer<M, BATCH> {
    /// Training with a loss and an optimizer, which are given as settings (`Adam::new(1e-3)`) or built.
    pub fn new<L, O>(loss: L, optimizer: O) -> Trainer<M, BATCH, L, O>
    where
        L: Loss<OutputOf<M>, M::Element>,
        O: OptimizerFor<M>,
    {
        let plan = Plan { epochs: 10, seed: 0, schedule: None, resume: None, shown: true };
        Trainer { loss, optimizer, metrics: (), callbacks: (), plan, model: core::marker::PhantomData }
    }
}

impl<M, const BATCH: usize, L, O, N, C> Trainer<M, BATCH, L, O, N, C> {
    /// How many epochs there are, those included that a resumed run has behind it.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.plan.epochs = epochs;
        self
    }

    /// From what the order of the samples and the random numbers of layers are drawn.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.plan.seed = seed;
        self
    }

    /// The learning rate of each step; without it, that of the optimizer's settings.
    #[must_use]
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.plan.schedule = Some(Box::new(schedule));
        self
    }

    /// Saves everything to the file `path` after each epoch, and if the file is there goes on from it.
    ///
    /// An interrupted run that is started again ends with the same bits as one that was never interrupted. The file is a
    /// checkpoint: the model in it can be [loaded](crate::checkpoint::load). With [`EarlyStopping`](super::EarlyStopping), the
    /// best parameters are kept in a second file, `.best.safetensors` in place of the extension.
    #[must_use]
    pub fn resume(mut self, path: impl Into<PathBuf>) -> Self {
        self.plan.resume = Some(path.into());
        self
    }

    /// Shows nothing.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.plan.shown = false;
        self
    }

    /// Measures something more, on the training set and on the validation set.
    #[must_use]
    pub fn metric<New>(self, metric: New) -> Trainer<M, BATCH, L, O, (N, New), C> {
        let Trainer { loss, optimizer, metrics, callbacks, plan, model } = self;
        Trainer { loss, optimizer, metrics: (metrics, metric), callbacks, plan, model }
    }

    /// Does something more after each epoch.
    #[must_use]
    pub fn callback<New>(self, callback: New) -> Trainer<M, BATCH, L, O, N, (C, New)> {
        let Trainer { loss, optimizer, metrics, callbacks, plan, model } = self;
        Trainer { loss, optimizer, metrics, callbacks: (callbacks, callback), plan, model }
    }
}

impl<M, const BATCH: usize, L, O, N, C> Trainer<M, BATCH, L, O, N, C>
where
    M: Model,
    L: Loss<OutputOf<M>, M::Element>,
    O: OptimizerFor<M>,
    N: Metric<M::Element, L::Target>,
    C: Callback<M, O::Optimizer>,
{
    /// Trains `model` on the samples of `training`; after each epoch it is tried on `validation`, if there is one.
    ///
    /// # Errors
    /// The data doesn't fit the loss, a setting makes no sense, a file or a callback fails; or a loss or gradient is not
    /// finite: then the error names the epoch, the batch and the layer, and the model keeps the parameters from before that
    /// step.
    pub fn fit(
        self,
        model: &mut M,
        training: &Dataset<M::Input, L::Target, M::Element>,
        validation: Option<&Dataset<M::Input, L::Target, M::Element>>,
    ) -> Result<History, TrainError> {
        check(training, &self.loss)?;
        validation.map_or(Ok(()), |set| check(set, &self.loss))?;
        let Plan { epochs, seed, schedule, resume, shown } = self.plan;
        let mut run = Run {
            memory: Training::new(seed),
            batches: training.batches::<BATCH>(seed),
            validation: validation.map(|set| (set, Memory::<M>::new())),
            progress: Progress::new(shown, epochs, training.len().div_ceil(BATCH)),
            optimizer: self.optimizer.optimizer()?,
            history: History::default(),
            best: None,
            loss: self.loss,
            metrics: self.metrics,
            callbacks: self.callbacks,
            schedule,
        };
        run.memory.set_random(Random::new(seed).fork(LAYERS));
        let resume = resume.map(|path| Resume { path, seed, samples: training.len(), batch: BATCH });
        let mut stopped = false;
        if let Some(resume) = &resume
            && let Some(saved) = resume.load(model, &mut run.optimizer, &mut run.best)?
        {
            run.memory.set_random(saved.random);
            (run.history, stopped) = (saved.history, saved.stopped);
        }
        run.with_state(model, |callbacks, state| callbacks.start(state))?;
        while !stopped && run.history.epochs.len() < epochs {
            run.epoch(model)?;
            stopped = run.with_state(model, |callbacks, state| {
                let stop = callbacks.epoch(state)?.is_break();
                resume.as_ref().map_or(Ok(()), |resume| resume.save(state, stop))?;
                Ok(stop)
            })?;
        }
        run.with_state(model, |callbacks, state| callbacks.end(state))?;
        Ok(run.history)
    }
}

/// The stream of random numbers for layers, apart from those of the epochs' orders.
const LAYERS: u64 = u64::MAX;

/// A run of [`Trainer::fit`].
struct Run<'a, M: Model, const BATCH: usize, L: Loss<OutputOf<M>, M::Element>, O, N, C> {
    memory: Training<M, UpTo<BATCH>>,
    batches: Batches<'a, BATCH, M::Input, L::Target, M::Element>,
    validation: Option<(&'a Set<M, L>, Memory<M>)>,
    progress: Progress,
    optimizer: O,
    history: History,
    best: Option<Best<M>>,
    loss: L,
    metrics: N,
    callbacks: C,
    schedule: Option<Box<dyn Schedule>>,
}

impl<M, const BATCH: usize, L, O, N, C> Run<'_, M, BATCH, L, O, N, C>
where
    M: Model,
    L: Loss<OutputOf<M>, M::Element>,
    O: Optimizer<M>,
    N: Metric<M::Element, L::Target>,
    C: Callback<M, O>,
{
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

    /// One epoch: all batches, then the validation set.
    fn epoch(&mut self, model: &mut M) -> Result<(), TrainError> {
        let (number, begin) = (self.history.epochs.len() + 1, Instant::now());
        self.progress.begin(number);
        self.metrics.reset();
        let mut mean = MeanLoss::default();
        self.batches.start_epoch(number as u64);
        let mut batches = 0;
        while let Some(batch) = self.batches.next_batch() {
            batches += 1;
            if let Some(schedule) = &self.schedule {
                self.optimizer.set_learning_rate(schedule.rate(self.optimizer.steps()));
            }
            let random = self.memory.random().clone();
            let loss = self.memory.gradients(model, &self.loss, batch.inputs, batch.targets)?.to_f64();
            // Before anything is changed, so that the model keeps its last good parameters.
            if !loss.is_finite() || !all_finite_of(self.memory.gradient()) {
                let (layer, origin) = if loss.is_finite() {
                    explain_gradient::<M>(self.memory.gradient())
                } else {
                    explain_loss(model, batch.inputs, random)
                };
                return Err(TrainError::NotFinite {
                    epoch: number,
                    batch: batches,
                    loss,
                    layer,
                    origin: in_data_set(origin, self.batches.rows()),
                });
            }
            self.memory.apply(model, &mut self.optimizer);
            mean.add(batch.len, loss);
            self.metrics.update(batch.len, self.memory.outputs(), batch.targets);
            self.callbacks.batch(batches, loss);
            self.progress.batch(batches, || mean.value(), &self.metrics);
        }
        let training = evaluation(&mean, &self.metrics);
        let validation = match &mut self.validation {
            Some((set, memory)) => {
                self.metrics.reset();
                Some(measure(memory, model, set, &self.loss, &mut self.metrics)?)
            }
            None => None,
        };
        let learning_rate = self.optimizer.learning_rate();
        let seconds = begin.elapsed().as_secs_f64();
        let epoch = Epoch { number, training, validation, learning_rate, seconds };
        self.progress.end(&epoch);
        self.history.epochs.push(epoch);
        Ok(())
    }
}

/// Samples of the batch as samples of the data set.
fn in_data_set(origin: Origin, rows: &[usize]) -> Origin {
    match origin {
        Origin::Input { sample, index } => {
            Origin::Input { sample: rows.get(sample).copied().unwrap_or(sample), index }
        }
        other => other,
    }
}

/// Whether all numbers are finite.
fn all_finite_of<P: Parameters>(gradient: &P) -> bool {
    struct AllFinite<'a, T>(&'a [T]);
    impl<T: Float> WithSimd for AllFinite<'_, T> {
        type Output = bool;
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> bool {
            all_finite(simd, self.0)
        }
    }
    dispatch(AllFinite(gradient.values()))
}
