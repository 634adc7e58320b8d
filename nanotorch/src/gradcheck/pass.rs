//! Passes over a model in memory that holds NaN before.

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::device::{Calling, TrainingPass, Wants};
use crate::kernel::Accumulate;
use crate::loss::Loss;
use crate::model::{Backward, Layer, Memory};
use crate::random::Random;
use crate::run::BatchError;
use crate::shape::Shape;

/// The memory of a pass.
pub(super) struct Buffers {
    pub(super) y: Vec<f64>,
    dy: Vec<f64>,
    saved: Vec<f64>,
    forward: Vec<f64>,
    backward: Vec<f64>,
    workspace: Vec<f64>,
}

impl Buffers {
    /// As much as the layer says that it needs, with the gradient by its input or without.
    pub(super) fn of<I: Shape, M: Layer<I>>(rows: usize) -> Self {
        let (needs, first) = (M::NEEDS, M::FIRST_NEEDS);
        let numbers = |count: usize| vec![f64::NAN; count];
        Buffers {
            y: numbers(rows * M::Out::LEN),
            dy: numbers(rows * M::Out::LEN),
            saved: numbers(rows * needs.saved.max(first.saved)),
            forward: numbers(rows * needs.forward.max(first.forward)),
            backward: numbers(rows * needs.backward.max(first.backward)),
            workspace: numbers(needs.workspace.max(first.workspace)),
        }
    }

    /// Forgets everything.
    #[inline]
    fn clear(&mut self) {
        for buffer in [&mut self.y, &mut self.dy, &mut self.saved, &mut self.forward, &mut self.backward] {
            buffer.fill(f64::NAN);
        }
        self.workspace.fill(f64::NAN);
    }
}

/// What is computed again and again: the loss of a batch.
pub(super) struct Problem<'a, I, M: Layer<I, Element = f64>, L: Loss<M::Out, f64>>
where
    I: Shape,
{
    pub(super) rows: usize,
    loss: &'a L,
    targets: &'a [L::Target],
    seed: u64,
    kinds: PhantomData<(I, fn() -> M)>,
}

impl<'a, I: Shape, M: Layer<I, Element = f64>, L: Loss<M::Out, f64>> Problem<'a, I, M, L> {
    pub(super) fn new(
        loss: &'a L,
        inputs: usize,
        targets: &'a [L::Target],
        seed: u64,
    ) -> Result<Self, BatchError> {
        if I::LEN == 0 || inputs == 0 || !inputs.is_multiple_of(I::LEN) {
            return Err(BatchError::InputLength { given: inputs, sample: I::LEN });
        }
        let rows = inputs / I::LEN;
        let needed = rows * L::TARGETS;
        if targets.len() != needed {
            return Err(BatchError::TargetLength { given: targets.len(), needed });
        }
        loss.check(targets)?;
        Ok(Problem { rows, loss, targets, seed, kinds: PhantomData })
    }

    /// The loss.
    pub(super) fn value(&mut self, model: &M, inputs: &[f64], numbers: &mut Buffers) -> f64 {
        numbers.clear();
        self.forward(model, inputs, numbers, Wants::Input);
        self.loss.value(&mut Calling::alone(), self.rows, &numbers.y, self.targets)
    }

    /// The loss, and its gradients by the parameters and by the input.
    pub(super) fn gradients(
        &mut self,
        model: &M,
        inputs: &[f64],
        numbers: &mut Buffers,
        accumulate: Accumulate,
        gradient: &mut M::Gradient,
        input_gradient: Option<&mut [f64]>,
    ) -> f64 {
        numbers.clear();
        let wants = if input_gradient.is_some() { Wants::Input } else { Wants::Parameters };
        self.forward(model, inputs, numbers, wants);
        let Buffers { y, dy, saved, backward: scratch, workspace, .. } = numbers;
        workspace.fill(f64::NAN);
        let value = self.loss.gradient(&mut Calling::alone(), self.rows, y, self.targets, dy);
        let mut random = Random::new(self.seed);
        let mut pass = self.pass(accumulate, wants, &mut random);
        let needs = if input_gradient.is_some() { M::NEEDS } else { M::FIRST_NEEDS };
        let (x, y) = (if needs.input { inputs } else { &[] }, if needs.output { &**y } else { &[] });
        let edges = Backward { x, y, dy, dx: input_gradient };
        model.backward(&mut pass, edges, Some(gradient), Memory { saved, scratch, workspace });
        value
    }

    /// The output and the gradient by the input, both computed in place, for a gradient by the output.
    pub(super) fn in_place(
        &mut self,
        model: &M,
        inputs: &[f64],
        numbers: &mut Buffers,
        dy: &[f64],
    ) -> [Vec<f64>; 2] {
        numbers.clear();
        let Buffers { saved, forward, backward, workspace, .. } = numbers;
        let mut random = Random::new(self.seed);
        let mut pass = self.pass(Accumulate::Replace, Wants::Input, &mut random);
        let (mut y, mut dx) = (inputs.to_vec(), dy.to_vec());
        let memory = Memory { saved: &mut *saved, scratch: forward, workspace: &mut *workspace };
        model.forward_in_place(&mut pass, &mut y, memory);
        let needs = M::NEEDS;
        let (x, kept) = (if needs.input { inputs } else { &[] }, if needs.output { &*y } else { &[] });
        model.backward_in_place(&mut pass, x, kept, &mut dx, Memory { saved, scratch: backward, workspace });
        [y, dx]
    }

    fn forward(&self, model: &M, inputs: &[f64], numbers: &mut Buffers, wants: Wants) {
        let Buffers { y, saved, forward: scratch, workspace, .. } = numbers;
        let mut random = Random::new(self.seed);
        let mut pass = self.pass(Accumulate::Replace, wants, &mut random);
        model.forward(&mut pass, inputs, y, Memory { saved, scratch, workspace });
    }

    fn pass<'r>(
        &self,
        accumulate: Accumulate,
        wants: Wants,
        random: &'r mut Random,
    ) -> TrainingPass<'r, Calling<'r>, usize> {
        TrainingPass { device: Calling::alone(), rows: self.rows, accumulate, wants, random }
    }
}
