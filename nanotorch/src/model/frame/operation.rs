//! A step that is an operation on edges.

use core::array::from_fn;
use core::marker::PhantomData;

use super::Frame;
use super::work::{Facts, OperationWork};
use crate::device::{Device, Name, Pass};
use crate::element::Float;
use crate::model::place::Mode;
use crate::model::{Edges, Follows, Memory, Operation, OperationBackward};
use crate::shape::Shape;

impl<T: Float> Frame<'_, T> {
    /// Runs the forward of one operation on `COUNT` edges.
    #[inline(always)]
    pub fn operation_forward<O, I, P, const COUNT: usize>(
        &mut self,
        pass: &mut P,
        operation: &O,
        step: usize,
        name: &Name,
        kind: &'static str,
    ) where
        O: Operation<I, T>,
        I: Edges,
        P: Pass,
    {
        if const { !<P::Device as Device>::COMPUTES } {
            self.note_step(pass, name, kind, const { &facts::<O, I, T>() });
            return;
        }
        let work = On { operation, edges: PhantomData };
        if const { <P::Device as Device>::WATCHES } {
            let facts = const { &facts::<O, I, T>() };
            self.watch_operation::<P, COUNT>(pass, &work, step, name, kind, facts);
        } else if const { <P::Device as Device>::CALLS } {
            self.call_operation_forward::<P, COUNT>(pass, &work, step, name);
        } else {
            self.copy().carry_operation_forward::<P, _, COUNT>(pass, &work, step);
        }
    }

    /// Runs the backward of one operation on `COUNT` edges, unless nobody wants what it computes.
    #[inline(always)]
    pub fn operation_backward<O, I, P, const COUNT: usize>(
        &mut self,
        pass: &mut P,
        operation: &O,
        step: usize,
    ) where
        O: Operation<I, T>,
        I: Edges,
        P: Pass,
    {
        let work = On { operation, edges: PhantomData };
        if const { <P::Device as Device>::CALLS } {
            self.call_operation_backward::<P, COUNT>(pass, &work, step);
        } else {
            self.copy().carry_operation_backward::<P, _, COUNT>(pass, &work, step);
        }
    }

    #[inline(never)]
    fn call_operation_forward<P: Pass, const COUNT: usize>(
        &self,
        pass: &mut P,
        work: &dyn OperationWork<T, P>,
        step: usize,
        name: &Name,
    ) {
        self.begin_step(pass, name);
        self.carry_operation_forward::<P, _, COUNT>(pass, work, step);
        self.end_step(pass, step);
    }

    #[inline(never)]
    fn watch_operation<P: Pass, const COUNT: usize>(
        &self,
        pass: &mut P,
        work: &dyn OperationWork<T, P>,
        step: usize,
        name: &Name,
        kind: &'static str,
        facts: &'static Facts,
    ) {
        let scope = facts.scope(*name, kind);
        pass.device().enter(&scope);
        self.carry_operation_forward::<P, _, COUNT>(pass, work, step);
        // SAFETY: it has been written, and nobody writes now.
        pass.device().leave(&scope, unsafe { self.read(self.row(step, false).y) });
    }

    #[inline(always)]
    fn carry_operation_forward<P: Pass, W: OperationWork<T, P> + ?Sized, const COUNT: usize>(
        &self,
        pass: &mut P,
        work: &W,
        step: usize,
    ) {
        let row = self.row(step, false);
        let inputs = self.inputs(row, COUNT);
        let replaced = match row.forward {
            Mode::Alias => return,
            Mode::Done if const { !<P::Device as Device>::WATCHES } => return,
            Mode::InPlace | Mode::Done => Some(row.replaced.into()),
            Mode::Separate => None,
        };
        // SAFETY: they are the rows of the step at hand, and the slices are gone with the call.
        let (x, y, memory) = unsafe {
            let x: [&[T]; COUNT] = from_fn(
                #[inline(always)]
                |input| self.input(row, inputs, input),
            );
            (x, self.output(row), self.memory(row.saved, row.forward_scratch))
        };
        work.forward(pass, replaced, &x, y, memory);
    }

    #[inline(never)]
    fn call_operation_backward<P: Pass, const COUNT: usize>(
        &self,
        pass: &mut P,
        work: &dyn OperationWork<T, P>,
        step: usize,
    ) {
        self.carry_operation_backward::<P, _, COUNT>(pass, work, step);
    }

    #[inline(always)]
    fn carry_operation_backward<P: Pass, W: OperationWork<T, P> + ?Sized, const COUNT: usize>(
        &self,
        pass: &mut P,
        work: &W,
        step: usize,
    ) {
        let row = self.row(step, true);
        let inputs = self.inputs(row, COUNT);
        let computes: [bool; COUNT] = from_fn(
            #[inline(always)]
            |input| self.wants(&inputs[input]) && inputs[input].computes,
        );
        for input in inputs {
            if self.wants(input) && input.passes {
                self.pass_on(pass, row, input);
            }
        }
        let in_place = match row.backward {
            Mode::Alias | Mode::Done => return,
            Mode::InPlace => true,
            Mode::Separate => false,
        };
        if !computes.contains(&true) {
            return;
        }
        // SAFETY: they are the rows of the step at hand, and the slices are gone with the call.
        let (x, y, dy, mut dx, memory) = unsafe {
            let x: [&[T]; COUNT] = from_fn(
                #[inline(always)]
                |input| self.kept_input(row, inputs, input),
            );
            let dx: [&mut [T]; COUNT] = from_fn(
                #[inline(always)]
                |input| self.input_gradient(row, &inputs[input], computes[input]),
            );
            let memory = self.memory(row.saved, row.backward_scratch);
            (x, self.kept_output(row), self.output_gradient(row), dx, memory)
        };
        work.backward(pass, in_place, OperationBackward { x: &x, y, dy, dx: &mut dx }, memory);
        for (input, computes) in inputs.iter().zip(computes) {
            if !in_place && computes && input.partial.length > 0 {
                self.add_partial(pass, input);
            }
        }
    }
}

const fn facts<O: Operation<I, T>, I: Edges, T: Float>() -> Facts {
    Facts {
        input: I::LENGTHS.split_at(I::COUNT).0,
        output: O::Out::DIMS.split_at(O::Out::RANK).0,
        params: 0,
        flops: O::FLOPS,
    }
}

/// An operation on edges of the shapes `I`.
struct On<'a, O, I> {
    operation: &'a O,
    edges: PhantomData<I>,
}

impl<O: Operation<I, T>, I: Edges, T: Float, P: Pass> OperationWork<T, P> for On<'_, O, I> {
    #[inline(always)]
    fn forward(&self, pass: &mut P, replaced: Option<usize>, x: &[&[T]], y: &mut [T], memory: Memory<'_, T>) {
        match replaced {
            Some(replaced) if const { O::NEEDS.in_place || !matches!(O::FOLLOWS, Follows::Nothing) } => {
                self.operation.forward_in_place(pass, replaced, x, y, memory);
            }
            _ => self.operation.forward(pass, x, y, memory),
        }
    }

    #[inline(always)]
    fn backward(
        &self,
        pass: &mut P,
        in_place: bool,
        edges: OperationBackward<'_, '_, T>,
        memory: Memory<'_, T>,
    ) {
        if const { O::NEEDS.in_place } && in_place {
            self.operation.backward_in_place(pass, edges.x[0], edges.y, edges.dy, memory);
        } else {
            self.operation.backward(pass, edges, memory);
        }
    }
}
