//! A step that is an operation on edges.

use core::array::from_fn;

use super::slices::{Backward, Forward};
use super::{Frame, run};
use crate::device::{Device, Name, Pass, Scope};
use crate::element::Float;
use crate::model::place::Mode;
use crate::model::{Edges, Operation, OperationBackward};
use crate::shape::Shape;

impl<T: Float> Frame<'_, T> {
    /// Runs the forward of one operation on `COUNT` edges.
    #[inline(always)]
    pub fn operation_forward<O, I, P, const COUNT: usize>(
        &mut self,
        pass: &mut P,
        operation: &O,
        step: usize,
        name: Name,
        kind: &'static str,
    ) where
        O: Operation<I, T>,
        I: Edges,
        P: Pass,
    {
        run::<P>(
            #[inline(always)]
            || self.edges_forward::<O, I, P, COUNT>(pass, operation, step, name, kind),
        );
    }

    #[inline(always)]
    fn edges_forward<O, I, P, const COUNT: usize>(
        &mut self,
        pass: &mut P,
        operation: &O,
        step: usize,
        name: Name,
        kind: &'static str,
    ) where
        O: Operation<I, T>,
        I: Edges,
        P: Pass,
    {
        let plan = self.plan(step, false);
        let scope = || Scope {
            name,
            kind,
            input: &I::LENGTHS[..COUNT],
            output: &O::Out::DIMS[..O::Out::RANK],
            params: 0,
            flops: O::FLOPS,
        };
        if const { <P::Device as Device>::WATCHES } {
            pass.device().enter(&scope());
        }
        // SAFETY: it is the plan of the step at hand, and the slices are gone with the call.
        let Forward { x, y, memory } = unsafe { self.forward_slices::<P, COUNT>(plan) };
        match plan.forward {
            Mode::Alias => {}
            Mode::Done if const { !<P::Device as Device>::WATCHES } => {}
            Mode::InPlace | Mode::Done => operation.forward_in_place(pass, plan.replaced, &x, y, memory),
            Mode::Separate => operation.forward(pass, &x, y, memory),
        }
        if const { <P::Device as Device>::WATCHES } {
            // SAFETY: it has been written, and nobody writes now.
            pass.device().leave(&scope(), unsafe { self.read(plan.y) });
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
        run::<P>(
            #[inline(always)]
            || self.edges_backward::<O, I, P, COUNT>(pass, operation, step),
        );
    }

    #[inline(always)]
    fn edges_backward<O, I, P, const COUNT: usize>(&mut self, pass: &mut P, operation: &O, step: usize)
    where
        O: Operation<I, T>,
        I: Edges,
        P: Pass,
    {
        let plan = self.plan(step, true);
        let computes: [bool; COUNT] = from_fn(
            #[inline(always)]
            |input| plan.wants_by(input, self.gives_input) && plan.computes(input),
        );
        for input in 0..COUNT {
            if plan.wants_by(input, self.gives_input) && plan.needs.passes(input) {
                self.pass_on(pass, plan, input);
            }
        }
        if !computes.contains(&true) {
            return;
        }
        // SAFETY: it is the plan of the step at hand, and the slices are gone with the call.
        let Backward { x, y, dy, mut dx, memory } =
            unsafe { self.backward_slices::<P, COUNT>(plan, computes) };
        match plan.backward {
            Mode::Alias | Mode::Done => {}
            Mode::InPlace => operation.backward_in_place(pass, x[0], y, dy, memory),
            Mode::Separate => {
                let edges = OperationBackward { x: &x, y, dy, dx: &mut dx };
                operation.backward(pass, edges, memory);
            }
        }
        if matches!(plan.backward, Mode::Separate) {
            for (input, computes) in computes.into_iter().enumerate() {
                if computes && plan.partial[input].length > 0 {
                    self.add_partial(pass, plan, input);
                }
            }
        }
    }
}
