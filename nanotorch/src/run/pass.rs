//! The parts of a training step, each with everything that it needs.

use super::Objective;
use super::buffers::{Buffers, Observing, absorb, remember, split};
use super::inlining::OnDevice;
use crate::device::{Device, Pass, TrainingPass, Wants};
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::model::{Backward, Layer, Memory, Model, Needs, OutputOf};
use crate::op;
use crate::optimizer::Optimizer;
use crate::random::Random;
use crate::shape::{Batch, Shape};
use crate::storage::take;

/// What a model needs, with the gradient by its input or without.
const fn needs<M: Model, const INPUT_GRADIENT: bool>() -> Needs {
    if INPUT_GRADIENT { <M as Layer<M::Input>>::NEEDS } else { <M as Layer<M::Input>>::FIRST_NEEDS }
}

/// The memory of a batch, what it is of, and where its gradient goes.
pub(super) struct Work<'a, M: Model, B: Batch, const INPUT_GRADIENT: bool> {
    pub(super) rows: B::Rows,
    pub(super) accumulate: Accumulate,
    pub(super) inputs: &'a [M::Element],
    pub(super) numbers: &'a mut [M::Element],
    pub(super) gradient: &'a mut M::Gradient,
    pub(super) random: &'a mut Random,
}

/// The memory, cut into its parts. The first three are where [`super::Training`] looks for them.
struct Parts<'a, T> {
    y: &'a mut [T],
    dy: &'a mut [T],
    dx: Option<&'a mut [T]>,
    saved: &'a mut [T],
    scratch: &'a mut [T],
    workspace: &'a mut [T],
    buffers: &'a mut [T],
}

/// How long the parts are: a sample's, but for workspace and buffers.
#[derive(Clone, Copy)]
struct Lengths {
    output: usize,
    input_gradient: Option<usize>,
    saved: usize,
    scratch: usize,
    workspace: usize,
    buffers: usize,
}

impl Lengths {
    const fn of<M: Model, const INPUT_GRADIENT: bool>() -> Lengths {
        let Needs { saved, forward, backward, workspace, .. } = needs::<M, INPUT_GRADIENT>();
        Lengths {
            output: <OutputOf<M> as Shape>::LEN,
            input_gradient: if INPUT_GRADIENT { Some(<M::Input as Shape>::LEN) } else { None },
            saved,
            scratch: if forward > backward { forward } else { backward },
            workspace,
            buffers: M::BUFFERS,
        }
    }
}

#[inline(always)]
fn cut<T>(numbers: &mut [T], rows: usize, lengths: Lengths) -> Parts<'_, T> {
    let (mut numbers, buffers) = numbers.split_at_mut(numbers.len().saturating_sub(lengths.buffers));
    Parts {
        y: take(&mut numbers, rows * lengths.output),
        dy: take(&mut numbers, rows * lengths.output),
        dx: match lengths.input_gradient {
            Some(input) => Some(take(&mut numbers, rows * input)),
            None => None,
        },
        saved: take(&mut numbers, rows * lengths.saved),
        scratch: take(&mut numbers, rows * lengths.scratch),
        workspace: take(&mut numbers, lengths.workspace),
        buffers,
    }
}

/// The pass of a batch, which wants the gradient by the input or not.
#[inline(always)]
fn training_pass<D, R, const INPUT_GRADIENT: bool>(
    device: D,
    rows: R,
    accumulate: Accumulate,
    random: &mut Random,
) -> TrainingPass<'_, D, R> {
    TrainingPass { device, rows, accumulate, wants: wanted::<INPUT_GRADIENT>(), random }
}

/// Which gradients are wanted of a model.
const fn wanted<const INPUT_GRADIENT: bool>() -> Wants {
    if INPUT_GRADIENT { Wants::Input } else { Wants::Parameters }
}

impl<M: Model, B: Batch, const INPUT_GRADIENT: bool> Work<'_, M, B, INPUT_GRADIENT> {
    /// Forward, objective and backward. Returns the objective's value.
    #[inline(always)]
    fn whole<D: Device, G: Objective<OutputOf<M>, M::Element>>(
        &mut self,
        device: D,
        model: &M,
        objective: &G,
    ) -> M::Element {
        let Parts { y, dy, dx, saved, scratch, workspace, buffers } =
            cut(self.numbers, self.rows.get(), const { Lengths::of::<M, INPUT_GRADIENT>() });
        let pass = training_pass::<_, _, INPUT_GRADIENT>(device, self.rows, self.accumulate, self.random);
        if self.accumulate == Accumulate::Replace {
            remember(model, buffers);
        }
        let mut pass = Observing { pass, buffers: Buffers::of(model, buffers) };
        let memory = Memory { saved: &mut *saved, scratch: &mut *scratch, workspace: &mut *workspace };
        model.forward(&mut pass, self.inputs, y, memory);
        let value = objective.gradient(&mut pass.pass.device, self.rows, y, dy);
        // As it was before the forward pass, so that the compiler knows it, too, and which table is read.
        pass.set_wants(wanted::<INPUT_GRADIENT>());
        let edges = Backward { x: self.inputs, y, dy, dx };
        model.backward(&mut pass, edges, Some(self.gradient), Memory { saved, scratch, workspace });
        value
    }

    #[inline(always)]
    fn forward<D: Device>(&mut self, device: D, model: &M) {
        let Parts { y, saved, scratch, workspace, buffers, .. } =
            cut(self.numbers, self.rows.get(), const { Lengths::of::<M, INPUT_GRADIENT>() });
        let pass = training_pass::<_, _, INPUT_GRADIENT>(device, self.rows, self.accumulate, self.random);
        remember(model, buffers);
        let mut pass = Observing { pass, buffers: Buffers::of(model, buffers) };
        model.forward(&mut pass, self.inputs, y, Memory { saved, scratch, workspace });
    }

    #[inline(always)]
    fn backward<D: Device>(&mut self, device: D, model: &M, output_gradient: &[M::Element]) {
        let Parts { y, dy, dx, saved, scratch, workspace, .. } =
            cut(self.numbers, self.rows.get(), const { Lengths::of::<M, INPUT_GRADIENT>() });
        let mut pass = training_pass::<_, _, INPUT_GRADIENT>(device, self.rows, self.accumulate, self.random);
        pass.device.run(op::Copy { x: output_gradient, y: &mut *dy });
        let edges = Backward { x: self.inputs, y, dy, dx };
        model.backward(&mut pass, edges, Some(self.gradient), Memory { saved, scratch, workspace });
    }
}

/// Forward, objective, backward, and the optimizer's change.
pub(super) struct Step<'a, M: Model, B: Batch, G, O, const INPUT_GRADIENT: bool> {
    pub(super) work: Work<'a, M, B, INPUT_GRADIENT>,
    pub(super) objective: &'a G,
    pub(super) model: &'a mut M,
    pub(super) optimizer: &'a mut O,
}

impl<M, B, G, O, const INPUT_GRADIENT: bool> OnDevice for Step<'_, M, B, G, O, INPUT_GRADIENT>
where
    M: Model,
    B: Batch,
    G: Objective<OutputOf<M>, M::Element>,
    O: Optimizer<M>,
{
    type Output = M::Element;

    #[inline(always)]
    fn run<D: Device + Copy>(mut self, mut device: D) -> M::Element {
        let value = self.work.whole(device, self.model, self.objective);
        self.optimizer.step(&mut device, self.model, self.work.gradient);
        absorb(self.model, split::<M>(self.work.numbers).1);
        value
    }
}

/// Forward, objective and backward.
pub(super) struct Gradients<'a, M: Model, B: Batch, G, const INPUT_GRADIENT: bool> {
    pub(super) work: Work<'a, M, B, INPUT_GRADIENT>,
    pub(super) objective: &'a G,
    pub(super) model: &'a M,
}

impl<M, B, G, const INPUT_GRADIENT: bool> OnDevice for Gradients<'_, M, B, G, INPUT_GRADIENT>
where
    M: Model,
    B: Batch,
    G: Objective<OutputOf<M>, M::Element>,
{
    type Output = M::Element;

    #[inline(always)]
    fn run<D: Device + Copy>(mut self, device: D) -> M::Element {
        self.work.whole(device, self.model, self.objective)
    }
}

/// Forward alone.
pub(super) struct Forward<'a, M: Model, B: Batch, const INPUT_GRADIENT: bool> {
    pub(super) work: Work<'a, M, B, INPUT_GRADIENT>,
    pub(super) model: &'a M,
}

impl<M: Model, B: Batch, const INPUT_GRADIENT: bool> OnDevice for Forward<'_, M, B, INPUT_GRADIENT> {
    type Output = ();

    #[inline(always)]
    fn run<D: Device + Copy>(mut self, device: D) {
        self.work.forward(device, self.model);
    }
}

/// Backward alone.
pub(super) struct BackwardWork<'a, M: Model, B: Batch, const INPUT_GRADIENT: bool> {
    pub(super) work: Work<'a, M, B, INPUT_GRADIENT>,
    pub(super) model: &'a M,
    pub(super) output_gradient: &'a [M::Element],
}

impl<M: Model, B: Batch, const INPUT_GRADIENT: bool> OnDevice for BackwardWork<'_, M, B, INPUT_GRADIENT> {
    type Output = ();

    #[inline(always)]
    fn run<D: Device + Copy>(mut self, device: D) {
        self.work.backward(device, self.model, self.output_gradient);
    }
}
