//! `fit`, and what can be said about it beforehand.

use std::boxed::Box;
use std::path::PathBuf;

use super::evaluate::{Memory, check};
use super::fit::Run;
use super::learner::Learning;
use super::progress::Progress;
use super::resume::{Identity, Keep, Resume};
use super::{Callback, History, Metric, TrainError};
use crate::data::{Augmentation, Dataset};
use crate::loss::Loss;
use crate::model::{Model, Module, OutputOf};
use crate::optimizer::{Descent, Groups, MovingAverage, Optimizer, Rule, SettingError, Settings};
use crate::random::Random;
use crate::run::Training;
use crate::schedule::Schedule;
use crate::shape::Shape;

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
/// | [`accumulate`](Trainer::accumulate) the gradients of several batches | a step a batch |
/// | [`average`](Trainer::average) of the weights over the steps | the weights of the last step |
/// | [`augment`](Trainer::augment) the samples, anew in each epoch | the samples as they are |
/// | [`callback`](Trainer::callback), any number of times | none |
/// | [`threads`](Trainer::threads) | the calling thread alone |
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
pub struct Trainer<M, const BATCH: usize, L = (), O = (), N = (), C = (), A = ()> {
    loss: L,
    optimizer: O,
    metrics: N,
    callbacks: C,
    augmentation: A,
    plan: Plan<M, O>,
    model: core::marker::PhantomData<fn(&mut M)>,
}

/// What has a default.
struct Plan<M, O> {
    epochs: usize,
    seed: u64,
    schedule: Option<Box<dyn Schedule>>,
    accumulate: usize,
    average: Option<f64>,
    threads: usize,
    keeper: Option<Box<dyn Keep<M, O>>>,
    shown: bool,
}

impl<M: Model, const BATCH: usize> Trainer<M, BATCH> {
    /// Training with a loss and an optimizer, which are given as settings (`Adam::new(1e-3)`) or built.
    pub fn new<L, O>(loss: L, optimizer: O) -> Trainer<M, BATCH, L, O>
    where
        L: Loss<OutputOf<M>, M::Element>,
        O: OptimizerFor<M>,
    {
        let plan = Plan {
            epochs: 10,
            seed: 0,
            schedule: None,
            accumulate: 1,
            average: None,
            threads: 1,
            keeper: None,
            shown: true,
        };
        Trainer {
            loss,
            optimizer,
            metrics: (),
            callbacks: (),
            augmentation: (),
            plan,
            model: core::marker::PhantomData,
        }
    }
}

impl<M, const BATCH: usize, L, O, N, C, A> Trainer<M, BATCH, L, O, N, C, A> {
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

    /// Takes one step for `batches` batches: as if they were one, in the memory of one. The last step of an epoch takes what is
    /// left; 0 stands for 1.
    ///
    /// Of a loss that is a mean, the step uses the mean of the batches' gradients, each weighted by its number of samples; of
    /// a loss that is a sum, their sum. A [schedule](Trainer::schedule) counts steps, not batches.
    #[must_use]
    pub fn accumulate(mut self, batches: usize) -> Self {
        self.plan.accumulate = batches.max(1);
        self
    }

    /// Keeps a moving average of the weights, `a = decay a + (1 - decay) p` after each step (see [`MovingAverage`]), and gives it
    /// to the model in the end.
    ///
    /// The validation set is measured with the average, callbacks see it as the model, and so it is what
    /// [`BestCheckpoint`](super::BestCheckpoint) saves. If training stops with an error, the model holds its own last weights.
    #[must_use]
    pub fn average(mut self, decay: f64) -> Self {
        self.plan.average = Some(decay);
        self
    }

    /// Works on large models with `threads` threads, the calling one included: faster, with the same bits. There shouldn't be
    /// more of them than processors; see [`Training::threads`].
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.plan.threads = threads;
        self
    }

    /// Saves everything to the file `path` after each epoch, and if the file is there goes on from it.
    ///
    /// An interrupted run that is started again ends with the same bits as one that was never interrupted. The file is a
    /// checkpoint: the model in it can be [loaded](crate::checkpoint::load). With [`EarlyStopping`](super::EarlyStopping), the
    /// best parameters are kept in a second file, `.best.safetensors` in place of the extension.
    #[must_use]
    pub fn resume(mut self, path: impl Into<PathBuf>) -> Self {
        self.plan.keeper = Some(Box::new(Resume::new(path.into())));
        self
    }

    /// Shows nothing.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.plan.shown = false;
        self
    }
}

impl<M, const BATCH: usize, L, O, N, C, A> Trainer<M, BATCH, L, O, N, C, A>
where
    M: Model,
    L: Loss<OutputOf<M>, M::Element>,
    O: OptimizerFor<M>,
{
    /// Measures something more, on the training set and on the validation set.
    #[must_use]
    pub fn metric<New>(self, metric: New) -> Trainer<M, BATCH, L, O, (N, New), C, A> {
        let Trainer { loss, optimizer, metrics, callbacks, augmentation, plan, model } = self;
        Trainer { loss, optimizer, metrics: (metrics, metric), callbacks, augmentation, plan, model }
    }

    /// Does something more after each epoch.
    #[must_use]
    pub fn callback<New>(self, callback: New) -> Trainer<M, BATCH, L, O, N, (C, New), A> {
        let Trainer { loss, optimizer, metrics, callbacks, augmentation, plan, model } = self;
        Trainer { loss, optimizer, metrics, callbacks: (callbacks, callback), augmentation, plan, model }
    }

    /// Changes each sample at random before it is learnt from, anew in each epoch: shifted, mirrored, cropped, or by an
    /// [`Augmentation`] of one's own. What is tried on the validation set stays as it is.
    ///
    /// What is drawn depends on the [seed](Trainer::seed), the epoch and the sample's row alone, so that a
    /// [resumed](Trainer::resume) run sees the same samples. A step allocates nothing. Where the change crops, the samples of the
    /// training set are larger than the model's input, and the changed ones have its shape.
    ///
    /// ```
    /// use nanotorch::data::{Crop, DataError, Dataset, Flip, Shift};
    /// use nanotorch::prelude::*;
    ///
    /// #[model(input = [1, 6, 6])]
    /// pub struct Net {
    ///     flatten: Flatten,
    ///     fc: Linear<36, 8>,
    ///     relu: Relu,
    ///     head: Linear<8, 2>,
    /// }
    /// let images: Dataset<R3<1, 8, 8>> = Dataset::new((0..128).map(|x| x as f32 / 128.0).collect(), vec![0, 1])?;
    /// let changes = (Shift { rows: 1, columns: 1 }, Flip::horizontal(0.5), Crop::<R3<1, 6, 6>>::random());
    /// let mut net = Net::new(1);
    /// Trainer::<Net, 2>::new(CrossEntropy::default(), Adam::new(1e-3)).augment(changes).quiet().fit(&mut net, &images, None)?;
    /// // The middles of the images, to test on.
    /// let test = images.augmented(&Crop::<R3<1, 6, 6>>::centre(), 0);
    /// net.evaluate(&test, &CrossEntropy::default(), Accuracy::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn augment<New>(self, augmentation: New) -> Trainer<M, BATCH, L, O, N, C, New> {
        let Trainer { loss, optimizer, metrics, callbacks, plan, model, .. } = self;
        Trainer { loss, optimizer, metrics, callbacks, augmentation, plan, model }
    }

    /// Trains `model` on the samples of `training`; after each epoch it is tried on `validation`, if there is one.
    ///
    /// # Errors
    /// The data doesn't fit the loss, a setting makes no sense, a file or a callback fails; or a loss or gradient is not
    /// finite: then the error names the epoch, the batch and the layer, and the model keeps its last good parameters: those
    /// from before that step, or, if a step made them infinite, from before that epoch.
    pub fn fit<S: Shape>(
        self,
        model: &mut M,
        training: &Dataset<S, L::Target, M::Element>,
        validation: Option<&Dataset<M::Input, L::Target, M::Element>>,
    ) -> Result<History, TrainError>
    where
        N: Metric<M::Element, L::Target>,
        C: Callback<M, O::Optimizer>,
        A: Augmentation<S, M::Element, Out = M::Input>,
    {
        check(training, &self.loss)?;
        if let Some(set) = validation {
            check(set, &self.loss)?;
        }
        check_average(self.plan.average)?;
        let optimizer = self.optimizer.optimizer()?;
        let Plan { epochs, seed, schedule, accumulate, average, threads, keeper, shown } = self.plan;
        let (samples, reduction) = (training.len(), self.loss.reduction());
        let mut learner = Learning {
            model,
            memory: Training::new(seed).threads(threads),
            batches: training.batches::<BATCH>(seed).augmented(self.augmentation, seed),
            validation: validation.map(|set| (set, Memory::<M>::new().threads(threads))),
            optimizer,
            best: None,
            good: None,
            loss: self.loss,
            metrics: self.metrics,
            callbacks: self.callbacks,
            average: average.map(MovingAverage::new),
            identity: Identity { seed, samples, batch: BATCH, accumulate, average },
            keeper,
        };
        learner.memory.set_random(Random::new(seed).fork(LAYERS));
        let run = Run {
            learner: &mut learner,
            progress: Progress::new(shown, epochs, samples.div_ceil(BATCH)),
            schedule,
            reduction,
            accumulate,
            history: History::default(),
        };
        run.all(epochs)
    }
}

fn check_average(average: Option<f64>) -> Result<(), TrainError> {
    match average {
        Some(decay) if !(0.0..1.0).contains(&decay) => Err(TrainError::Average { decay }),
        _ => Ok(()),
    }
}

/// The stream of random numbers for layers, apart from those of the epochs' orders.
const LAYERS: u64 = u64::MAX;
