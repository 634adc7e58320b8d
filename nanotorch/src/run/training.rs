//! A model's training steps.

use core::marker::PhantomData;

use super::buffers::{absorb, split};
use super::inference::batch_rows;
#[cfg(feature = "train")]
use super::inlining::OnDevice;
use super::inlining::on_device;
use super::pass::{BackwardWork, Forward, Gradients, Step, Work};
use super::{BatchError, Goal, MemoryError, Objective};
use crate::device::Calling;
#[cfg(feature = "train")]
use crate::device::Watcher;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::loss::Loss;
#[cfg(feature = "alloc")]
use crate::model::Parameters;
use crate::model::{Model, Module, OutputOf, facts};
use crate::optimizer::Optimizer;
use crate::random::Random;
use crate::shape::{Batch, Shape};
#[cfg(feature = "alloc")]
use crate::storage::Block;
use crate::storage::{Arena, Held};
use crate::threads::{Team, Threads};

/// The memory in which a model of type `M` is trained on batches of `B`: activations, their gradients, and the gradient by
/// the parameters. Made once; a step allocates nothing.
///
/// ```
/// use nanotorch::{loss::Mse, optimizer::Sgd, prelude::*, run::Training};
///
/// #[model(input = [2])]
/// pub struct Line {
///     fc: Linear<2, 1>,
/// }
/// let mut line = Line::new(1);
/// let mut training = Training::<Line, UpTo<4>>::new(7);
/// let mut optimizer = Sgd::new(0.1).build::<Line>();
/// let (inputs, targets) = ([0.0, 1.0, 1.0, 0.0], [1.0, 2.0]);
/// let before = training.step(&mut line, &mut optimizer, &Mse::default(), &inputs, &targets)?;
/// let after = training.step(&mut line, &mut optimizer, &Mse::default(), &inputs, &targets)?;
/// assert!(after < before);
/// # Ok::<(), nanotorch::run::BatchError>(())
/// ```
///
/// With `true` as its third parameter the gradient by the input is computed, too, and kept for
/// [`input_gradient`](Training::input_gradient); else it costs neither time nor memory.
pub struct Training<M: Module, B: Batch, const INPUT_GRADIENT: bool = false> {
    arena: Arena<M::Element>,
    gradient: Held<M::Gradient>,
    random: Random,
    rows: usize,
    team: Team,
    batch: PhantomData<B>,
}

// The bound stands on the functions, so that a model without an input is one error, at the type.
impl<M: Module, B: Batch, const INPUT_GRADIENT: bool> Training<M, B, INPUT_GRADIENT> {
    /// The memory for one model and batch, and the seed of what is random in training (dropout).
    #[cfg(feature = "alloc")]
    pub fn new(seed: u64) -> Self
    where
        M: Model,
    {
        let numbers = const { facts::train_numbers::<M>(B::N, INPUT_GRADIENT) };
        Self::with(Arena::Heap(Block::zeros(numbers)), Held::Heap(M::Gradient::zeroed()), seed)
    }

    /// The same in static memory, of which it needs [`train_bytes`](facts::train_bytes): no allocator is needed. See
    /// [`Static`](super::Static).
    ///
    /// # Errors
    /// The memory is too small.
    pub fn new_static(
        seed: u64,
        memory: &'static mut [M::Element],
        gradient: &'static mut M::Gradient,
    ) -> Result<Self, MemoryError>
    where
        M: Model,
    {
        let (given, needed) = (memory.len(), const { facts::train_numbers::<M>(B::N, INPUT_GRADIENT) });
        if given < needed {
            return Err(MemoryError { given, needed });
        }
        Ok(Self::with(Arena::Static(memory), Held::Static(gradient), seed))
    }

    fn with(arena: Arena<M::Element>, gradient: Held<M::Gradient>, seed: u64) -> Self {
        Training {
            arena,
            gradient,
            random: Random::new(seed),
            rows: 0,
            team: Team::ALONE,
            batch: PhantomData,
        }
    }
}

impl<M: Model, B: Batch, const INPUT_GRADIENT: bool> Training<M, B, INPUT_GRADIENT> {
    /// The same, with the calling thread and `threads - 1` others, which are started here and end with it. The numbers are the
    /// same bit for bit, whatever the number of threads.
    ///
    /// What is small stays on the calling thread. The others wait for work with open eyes for some 100 microseconds before they
    /// go to sleep, so that there shouldn't be more of them than processors: where several models are trained at the same time,
    /// one thread for each, as it is without this call, is best. Each thread has a workspace of its own, which isn't part of
    /// `TRAIN_BYTES`.
    #[cfg(feature = "std")]
    pub fn threads(mut self, threads: usize) -> Self {
        self.team = Team::of(threads, const { facts::workspace_bytes::<M>() });
        self
    }

    /// One step: forward, loss, backward, and the optimizer's change. Returns the loss before the change.
    ///
    /// # Errors
    /// The inputs are no batch of `B`, or the targets don't fit them; then nothing has changed.
    #[inline]
    pub fn step<L, O>(
        &mut self,
        model: &mut M,
        optimizer: &mut O,
        loss: &L,
        inputs: &[M::Element],
        targets: &[L::Target],
    ) -> Result<M::Element, BatchError>
    where
        L: Loss<OutputOf<M>, M::Element>,
        O: Optimizer<M>,
    {
        self.step_toward(model, optimizer, &Goal::new(loss, targets), inputs)
    }

    /// As [`Training::step`], toward several goals, one for each of the model's outputs. Returns their weighted sum. See
    /// [`Goal`].
    ///
    /// # Errors
    /// As of [`Training::step`].
    #[inline]
    pub fn step_toward<G, O>(
        &mut self,
        model: &mut M,
        optimizer: &mut O,
        objective: &G,
        inputs: &[M::Element],
    ) -> Result<M::Element, BatchError>
    where
        G: Objective<OutputOf<M>, M::Element>,
        O: Optimizer<M>,
    {
        let rows = self.check(objective, inputs)?;
        let (work, threads) = self.work(rows, Accumulate::Replace, inputs);
        Ok(on_device::<M, B, _>(Step { work, objective, model, optimizer }, threads))
    }

    /// Forward, loss and backward, without a change: the gradient replaces the last one. Returns the loss.
    ///
    /// # Errors
    /// As of [`Training::step`].
    #[inline]
    pub fn gradients<L>(
        &mut self,
        model: &M,
        loss: &L,
        inputs: &[M::Element],
        targets: &[L::Target],
    ) -> Result<M::Element, BatchError>
    where
        L: Loss<OutputOf<M>, M::Element>,
    {
        self.gradients_toward(model, &Goal::new(loss, targets), inputs, Accumulate::Replace)
    }

    /// As [`Training::gradients`], with the gradient added to what is there: several batches as one.
    ///
    /// # Errors
    /// As of [`Training::step`].
    #[inline]
    pub fn add_gradients<L>(
        &mut self,
        model: &M,
        loss: &L,
        inputs: &[M::Element],
        targets: &[L::Target],
    ) -> Result<M::Element, BatchError>
    where
        L: Loss<OutputOf<M>, M::Element>,
    {
        self.gradients_toward(model, &Goal::new(loss, targets), inputs, Accumulate::Add)
    }

    /// As [`Training::gradients`] or [`Training::add_gradients`], toward several goals. Returns their weighted sum.
    ///
    /// # Errors
    /// As of [`Training::step`].
    #[inline]
    pub fn gradients_toward<G>(
        &mut self,
        model: &M,
        objective: &G,
        inputs: &[M::Element],
        accumulate: Accumulate,
    ) -> Result<M::Element, BatchError>
    where
        G: Objective<OutputOf<M>, M::Element>,
    {
        let rows = self.check(objective, inputs)?;
        let (work, threads) = self.work(rows, accumulate, inputs);
        Ok(on_device::<M, B, _>(Gradients { work, objective, model }, threads))
    }

    /// The forward pass of a training step alone: what is random is drawn, and what [`Training::backward`] needs is kept.
    ///
    /// # Errors
    /// The inputs are no batch of `B`.
    #[inline]
    pub fn forward(&mut self, model: &M, inputs: &[M::Element]) -> Result<&[M::Element], BatchError> {
        let rows = batch_rows::<M, B>(inputs)?;
        let (work, threads) = self.work(rows, Accumulate::Replace, inputs);
        on_device::<M, B, _>(Forward { work, model }, threads);
        Ok(self.outputs())
    }

    /// The backward pass that belongs to the last [`Training::forward`], of the same model and inputs, from a gradient by the
    /// outputs that one has made oneself: so networks are chained, and losses made of what is no loss here.
    ///
    /// Here a generator learns from the gradient by the input of the network that judges it:
    ///
    /// ```
    /// use nanotorch::{kernel::Accumulate, loss::BceWithLogits, prelude::*};
    ///
    /// #[model(input = [2])]
    /// pub struct Generator {
    ///     fc: Linear<2, 3>,
    ///     tanh: Tanh,
    /// }
    /// #[model(input = [3])]
    /// pub struct Judge {
    ///     fc: Linear<3, 1>,
    /// }
    /// let (mut generator, judge) = (Generator::new(1), Judge::new(2));
    /// let mut generating = Training::<Generator, UpTo<4>>::new(1);
    /// let mut judging = Training::<Judge, UpTo<4>, true>::new(1);
    /// let mut optimizer = Sgd::new(0.1).build::<Generator>();
    ///
    /// let noise = [0.3, -0.2, 0.1, 0.5];
    /// let images = generating.forward(&generator, &noise)?;
    /// let before = judging.gradients(&judge, &BceWithLogits::default(), images, &[1.0; 2])?;
    /// generating.backward(&generator, &noise, judging.input_gradient(), Accumulate::Replace)?;
    /// generating.apply(&mut generator, &mut optimizer);
    ///
    /// let images = generating.forward(&generator, &noise)?;
    /// let after = judging.gradients(&judge, &BceWithLogits::default(), images, &[1.0; 2])?;
    /// assert!(after < before);
    /// # Ok::<(), nanotorch::run::BatchError>(())
    /// ```
    /// # Errors
    /// `inputs` are not as many samples as went forward last, or `output_gradient` is not as long as the outputs.
    #[inline]
    pub fn backward(
        &mut self,
        model: &M,
        inputs: &[M::Element],
        output_gradient: &[M::Element],
        accumulate: Accumulate,
    ) -> Result<(), BatchError> {
        let rows = batch_rows::<M, B>(inputs)?;
        let (given, forwarded) = (rows.get(), self.rows);
        if given != forwarded {
            return Err(BatchError::NotForwarded { given, forwarded });
        }
        let (given, needed) = (output_gradient.len(), self.outputs().len());
        if given != needed {
            return Err(BatchError::OutputGradientLength { given, needed });
        }
        let (work, threads) = self.work(rows, accumulate, inputs);
        on_device::<M, B, _>(BackwardWork { work, model, output_gradient }, threads);
        Ok(())
    }

    /// The optimizer's change by the gradient as it stands.
    #[inline]
    pub fn apply<O: Optimizer<M>>(&mut self, model: &mut M, optimizer: &mut O) {
        // A single kernel gains nothing by being inlined.
        let mut device = Calling::on(self.team.threads());
        optimizer.step(&mut device, model, &mut self.gradient);
        // Before the first forward pass nothing has been observed.
        if self.rows > 0 {
            absorb(model, split::<M>(self.arena.as_mut_slice()).1);
        }
    }

    /// The gradient by the parameters, of the last step.
    pub fn gradient(&self) -> &M::Gradient {
        &self.gradient
    }

    /// The gradient by the parameters, to be clipped or scaled before it is applied.
    pub fn gradient_mut(&mut self) -> &mut M::Gradient {
        &mut self.gradient
    }

    /// The model's outputs in the last step.
    pub fn outputs(&self) -> &[M::Element] {
        &self.arena.as_slice()[..self.rows * <OutputOf<M> as Shape>::LEN]
    }

    /// What is random in training, as it stands: save it to resume with the same numbers.
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// The same, to be changed.
    #[cfg(feature = "train")]
    pub(crate) fn random_mut(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Goes on with the random numbers of a saved state.
    pub fn set_random(&mut self, random: Random) {
        self.random = random;
    }

    /// The forward pass of a training step once more, with the random numbers of that step and someone who follows it. Inputs
    /// that are no batch are passed over.
    #[cfg(feature = "train")]
    pub(crate) fn follow(&mut self, model: &M, inputs: &[M::Element], random: Random, watcher: &dyn Watcher) {
        self.random = random;
        if let Ok(rows) = batch_rows::<M, B>(inputs) {
            let (work, threads) = self.work(rows, Accumulate::Replace, inputs);
            Forward { work, model }.run(Calling { watcher: Some(watcher), ..Calling::on(threads) });
        }
    }

    #[inline(always)]
    fn check<G: Objective<OutputOf<M>, M::Element>>(
        &self,
        objective: &G,
        inputs: &[M::Element],
    ) -> Result<B::Rows, BatchError> {
        let rows = batch_rows::<M, B>(inputs)?;
        objective.check(rows.get())?;
        Ok(rows)
    }

    #[inline(always)]
    fn work<'a>(
        &'a mut self,
        rows: B::Rows,
        accumulate: Accumulate,
        inputs: &'a [M::Element],
    ) -> (Work<'a, M, B, INPUT_GRADIENT>, Threads<'a>) {
        self.rows = rows.get();
        let work = Work {
            rows,
            accumulate,
            inputs,
            numbers: self.arena.as_mut_slice(),
            gradient: &mut *self.gradient,
            random: &mut self.random,
        };
        (work, self.team.threads())
    }
}

impl<M: Model, B: Batch> Training<M, B, true> {
    /// The gradient by the input, of the last step.
    pub fn input_gradient(&self) -> &[M::Element] {
        let (sample, output) = (<M::Input as Shape>::LEN, <OutputOf<M> as Shape>::LEN);
        &self.arena.as_slice()[2 * self.rows * output..][..self.rows * sample]
    }
}

#[cfg(feature = "alloc")]
#[cfg(test)]
mod tests;
