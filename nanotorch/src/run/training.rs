//! A model's training steps.

use alloc::boxed::Box;
use core::marker::PhantomData;

use super::BatchError;
use super::inference::batch_rows;
use crate::device::{Cpu, TrainingPass};
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::loss::Loss;
use crate::model::{Backward, Layer, Memory, Model, Module, OutputOf, Parameters, facts};
use crate::optimizer::Optimizer;
use crate::random::Random;
use crate::shape::{Batch, Shape};
use crate::simd::{Simd, WithSimd, dispatch};
use crate::storage::{Block, take};

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
pub struct Training<M: Module, B: Batch> {
    arena: Block<M::Element>,
    gradient: Box<M::Gradient>,
    random: Random,
    outputs: usize,
    batch: PhantomData<B>,
}

impl<M: Module, B: Batch> Training<M, B> {
    /// The memory for one model and batch, and the seed of what is random in training (dropout).
    pub fn new(seed: u64) -> Self
    where
        M: Model,
    {
        Training {
            arena: Block::zeros(const { facts::train_numbers::<M>(B::N) }),
            gradient: M::Gradient::zeroed(),
            random: Random::new(seed),
            outputs: 0,
            batch: PhantomData,
        }
    }
}

impl<M: Model, B: Batch> Training<M, B> {
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
        let rows = self.check(loss, inputs, targets)?;
        let pass = self.whole(rows, Accumulate::Replace, loss, inputs, targets);
        Ok(dispatch(Step { pass, model, optimizer }))
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
        let rows = self.check(loss, inputs, targets)?;
        Ok(dispatch(Gradients { pass: self.whole(rows, Accumulate::Replace, loss, inputs, targets), model }))
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
        let rows = self.check(loss, inputs, targets)?;
        Ok(dispatch(Gradients { pass: self.whole(rows, Accumulate::Add, loss, inputs, targets), model }))
    }

    /// The optimizer's change by the gradient as it stands.
    #[inline]
    pub fn apply<O: Optimizer<M>>(&mut self, model: &mut M, optimizer: &mut O) {
        dispatch(Apply { gradient: &mut *self.gradient, model, optimizer });
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
        &self.arena.as_slice()[..self.outputs]
    }

    /// What is random in training, as it stands: save it to resume with the same numbers.
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// Goes on with the random numbers of a saved state.
    pub fn set_random(&mut self, random: Random) {
        self.random = random;
    }

    #[inline(always)]
    fn check<L: Loss<OutputOf<M>, M::Element>>(
        &self,
        loss: &L,
        inputs: &[M::Element],
        targets: &[L::Target],
    ) -> Result<B::Rows, BatchError> {
        let rows = batch_rows::<M, B>(inputs)?;
        let needed = rows.get() * L::TARGETS;
        if targets.len() != needed {
            return Err(BatchError::TargetLength { given: targets.len(), needed });
        }
        loss.check(targets)?;
        Ok(rows)
    }

    #[inline(always)]
    fn whole<'a, L: Loss<OutputOf<M>, M::Element>>(
        &'a mut self,
        rows: B::Rows,
        accumulate: Accumulate,
        loss: &'a L,
        inputs: &'a [M::Element],
        targets: &'a [L::Target],
    ) -> Whole<'a, M, B, L> {
        self.outputs = rows.get() * <OutputOf<M> as Shape>::LEN;
        Whole {
            rows,
            accumulate,
            loss,
            inputs,
            targets,
            numbers: self.arena.as_mut_slice(),
            gradient: &mut self.gradient,
            random: &mut self.random,
        }
    }
}

/// Forward, loss and backward, with everything that they need.
struct Whole<'a, M: Model, B: Batch, L: Loss<OutputOf<M>, M::Element>> {
    rows: B::Rows,
    accumulate: Accumulate,
    loss: &'a L,
    inputs: &'a [M::Element],
    targets: &'a [L::Target],
    numbers: &'a mut [M::Element],
    gradient: &'a mut M::Gradient,
    random: &'a mut Random,
}

impl<M: Model, B: Batch, L: Loss<OutputOf<M>, M::Element>> Whole<'_, M, B, L> {
    #[inline(always)]
    fn run<S: Simd>(&mut self, cpu: Cpu<S>, model: &M) -> M::Element {
        let needs = const { <M as Layer<M::Input>>::FIRST_NEEDS };
        let count = self.rows.get();
        let mut numbers = &mut *self.numbers;
        let y = take(&mut numbers, count * <OutputOf<M> as Shape>::LEN);
        let dy = take(&mut numbers, count * <OutputOf<M> as Shape>::LEN);
        let saved = take(&mut numbers, count * needs.saved);
        let scratch = take(&mut numbers, count * needs.forward.max(needs.backward));
        let workspace = take(&mut numbers, needs.workspace);
        let mut pass = TrainingPass {
            device: cpu,
            rows: self.rows,
            accumulate: self.accumulate,
            wants_input: false,
            random: self.random,
        };
        let memory = Memory { saved: &mut *saved, scratch: &mut *scratch, workspace: &mut *workspace };
        model.forward(&mut pass, self.inputs, y, memory);
        let loss = self.loss.gradient(&mut pass.device, self.rows, y, self.targets, dy);
        let edges = Backward { x: self.inputs, y, dy, dx: None };
        model.backward(&mut pass, edges, Some(self.gradient), Memory { saved, scratch, workspace });
        loss
    }
}

struct Step<'a, M: Model, B: Batch, L: Loss<OutputOf<M>, M::Element>, O> {
    pass: Whole<'a, M, B, L>,
    model: &'a mut M,
    optimizer: &'a mut O,
}

impl<M: Model, B: Batch, L: Loss<OutputOf<M>, M::Element>, O: Optimizer<M>> WithSimd
    for Step<'_, M, B, L, O>
{
    type Output = M::Element;

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) -> M::Element {
        let loss = self.pass.run(Cpu::new(simd), self.model);
        self.optimizer.step(Cpu::new(simd), self.model, self.pass.gradient);
        loss
    }
}

struct Gradients<'a, M: Model, B: Batch, L: Loss<OutputOf<M>, M::Element>> {
    pass: Whole<'a, M, B, L>,
    model: &'a M,
}

impl<M: Model, B: Batch, L: Loss<OutputOf<M>, M::Element>> WithSimd for Gradients<'_, M, B, L> {
    type Output = M::Element;

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) -> M::Element {
        self.pass.run(Cpu::new(simd), self.model)
    }
}

struct Apply<'a, M: Model, O> {
    gradient: &'a mut M::Gradient,
    model: &'a mut M,
    optimizer: &'a mut O,
}

impl<M: Model, O: Optimizer<M>> WithSimd for Apply<'_, M, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.optimizer.step(Cpu::new(simd), self.model, self.gradient);
    }
}

#[cfg(test)]
mod tests;
