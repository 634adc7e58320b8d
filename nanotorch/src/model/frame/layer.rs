//! A step that is a layer.

use super::slices::{self, Forward};
use super::{Frame, run};
use crate::device::{Device, Name, Pass, Scope};
use crate::element::Float;
use crate::model::place::Mode;
use crate::model::{Backward, Following, Layer, Memory};
use crate::shape::Shape;

impl<T: Float> Frame<'_, T> {
    /// Runs the forward of one layer.
    #[inline(always)]
    pub fn step_forward<L, I, P>(
        &mut self,
        pass: &mut P,
        layer: &L,
        step: usize,
        name: Name,
        kind: &'static str,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
    {
        run::<P>(
            #[inline(always)]
            || self.layer_forward::<L, I, P>(pass, layer, |_, _| (), step, name, kind),
        );
    }

    /// As [`step_forward`](Frame::step_forward), where the only layer that reads the output is known.
    #[inline(always)]
    pub fn step_forward_before<L, I, P, R, J>(
        &mut self,
        pass: &mut P,
        layer: &L,
        reader: &R,
        step: usize,
        name: Name,
        kind: &'static str,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
        R: Layer<J, Element = T>,
        J: Shape,
    {
        if const { may_lead::<L, I, P>() } {
            let scaling = |scale: &mut [T], shift: &mut [T]| reader.scaling(scale, shift);
            run::<P>(
                #[inline(always)]
                || self.layer_forward::<L, I, P>(pass, layer, scaling, step, name, kind),
            );
        } else {
            self.step_forward::<L, I, P>(pass, layer, step, name, kind);
        }
    }

    #[inline(always)]
    fn layer_forward<L, I, P>(
        &mut self,
        pass: &mut P,
        layer: &L,
        scaling: impl FnOnce(&mut [T], &mut [T]),
        step: usize,
        name: Name,
        kind: &'static str,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
    {
        let plan = self.plan(step, false);
        let scope = || Scope {
            name,
            kind,
            input: &I::DIMS[..I::RANK],
            output: &L::Out::DIMS[..L::Out::RANK],
            params: L::PARAMS,
            flops: L::FLOPS,
        };
        if const { <P::Device as Device>::WATCHES } {
            pass.device().enter(&scope());
        }
        let outer = pass.set_wants(plan.asks);
        // SAFETY: it is the plan of the step at hand, and the slices are gone with the call.
        let Forward { x: [x], y, memory } = unsafe { self.forward_slices::<P, 1>(plan) };
        match plan.forward {
            Mode::Alias => {}
            Mode::Done if const { !<P::Device as Device>::WATCHES } => {}
            Mode::InPlace | Mode::Done => layer.forward_in_place(pass, y, memory),
            Mode::Separate if const { may_lead::<L, I, P>() } && plan.followed.is_any() => {
                let room = memory.workspace.len() - 2 * plan.followed.scaled;
                let (workspace, room) = memory.workspace.split_at_mut(room);
                let (scale, shift) = room.split_at_mut(plan.followed.scaled);
                scaling(scale, shift);
                let following = Following {
                    scale,
                    shift,
                    rectified: plan.followed.rectified,
                    pool: plan.followed.pool.as_ref(),
                };
                layer.forward_followed(pass, x, y, following, Memory { workspace, ..memory });
            }
            Mode::Separate => layer.forward(pass, x, y, memory),
        }
        pass.set_wants(outer);
        if const { <P::Device as Device>::WATCHES } {
            // SAFETY: it has been written, and nobody writes now.
            pass.device().leave(&scope(), unsafe { self.read(plan.y) });
        }
    }

    /// Runs the backward of one layer, unless nobody wants what it computes.
    #[inline(always)]
    pub fn step_backward<L, I, P>(
        &mut self,
        pass: &mut P,
        layer: &L,
        step: usize,
        gradient: Option<&mut L::Gradient>,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
    {
        run::<P>(
            #[inline(always)]
            || self.layer_backward::<L, I, P>(pass, layer, step, gradient),
        );
    }

    #[inline(always)]
    fn layer_backward<L, I, P>(
        &mut self,
        pass: &mut P,
        layer: &L,
        step: usize,
        gradient: Option<&mut L::Gradient>,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
    {
        let plan = self.plan(step, true);
        let wants_input = plan.wants_by(0, self.gives_input) && plan.computes(0);
        let wants_gradient = plan.trains && gradient.is_some();
        if !wants_input && !wants_gradient {
            return;
        }
        let outer = pass.set_wants(plan.asks);
        // SAFETY: it is the plan of the step at hand, and the slices are gone with the call.
        let slices = unsafe { self.backward_slices::<P, 1>(plan, [wants_input]) };
        let slices::Backward { x: [x], y, dy, dx: [dx], memory } = slices;
        match plan.backward {
            Mode::Alias | Mode::Done => {}
            Mode::InPlace => layer.backward_in_place(pass, x, y, dy, memory),
            Mode::Separate => {
                let edges = Backward { x, y, dy, dx: wants_input.then_some(dx) };
                layer.backward(pass, edges, gradient, memory);
            }
        }
        if matches!(plan.backward, Mode::Separate) && wants_input && plan.partial[0].length > 0 {
            self.add_partial(pass, plan, 0);
        }
        pass.set_wants(outer);
    }
}

/// Whether a layer may do, in such a pass, what those behind it would do: known to the compiler, which makes no code for others.
const fn may_lead<L: Layer<I>, I: Shape, P: Pass>() -> bool {
    !P::TRAINING && !<P::Device as Device>::WATCHES && L::LEADS.channels > 0
}
