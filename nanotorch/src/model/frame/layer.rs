//! A step that is a layer.

use core::marker::PhantomData;

use super::Frame;
use super::work::{Facts, How, LayerBackward, LayerForward, may_lead};
use crate::device::{Device, Name, Pass};
use crate::element::Float;
use crate::model::fusion::Followed;
use crate::model::place::Mode;
use crate::model::{Backward, Following, Follows, Layer, Memory, Parameters};
use crate::shape::Shape;

impl<T: Float> Frame<'_, T> {
    /// Runs the forward of one layer.
    #[inline(always)]
    pub fn step_forward<L, I, P>(
        &mut self,
        pass: &mut P,
        layer: &L,
        step: usize,
        name: &Name,
        kind: &'static str,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
    {
        if const { is_noted::<L, P>() } {
            self.note_step(pass, name, kind, const { &facts::<L, I>() });
        } else {
            let work = Forward { layer, input: PhantomData };
            if const { <P::Device as Device>::WATCHES } {
                self.watch_layer(pass, &work, step, name, kind, const { &facts::<L, I>() });
            } else {
                self.layer_forward(pass, &work, step, name);
            }
        }
    }

    /// As [`step_forward`](Frame::step_forward), where the only layer that reads the output is known.
    #[inline(always)]
    pub fn step_forward_before<L, I, P, R, J>(
        &mut self,
        pass: &mut P,
        layer: &L,
        reader: &R,
        step: usize,
        name: &Name,
        kind: &'static str,
    ) where
        L: Layer<I, Element = T>,
        I: Shape,
        P: Pass,
        R: Layer<J, Element = T>,
        J: Shape,
    {
        if const { leads::<L, I, P>(Some(R::FOLLOWS)) } {
            let work = Leading { layer, reader, edges: PhantomData };
            self.layer_forward(pass, &work, step, name);
        } else {
            self.step_forward::<L, I, P>(pass, layer, step, name, kind);
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
        let has_gradient = gradient.is_some();
        let mut work = Back { layer, gradient, input: PhantomData };
        if const { <P::Device as Device>::CALLS } {
            self.call_layer_backward(pass, &mut work, step, has_gradient);
        } else {
            self.copy().carry_layer_backward(pass, &mut work, step, has_gradient);
        }
    }

    #[inline(always)]
    fn layer_forward<P: Pass>(
        &mut self,
        pass: &mut P,
        work: &impl LayerForward<T, P>,
        step: usize,
        name: &Name,
    ) {
        if const { <P::Device as Device>::CALLS } {
            self.call_layer_forward(pass, work, step, name);
        } else {
            self.copy().carry_layer_forward(pass, work, step);
        }
    }

    #[inline(never)]
    fn call_layer_forward<P: Pass>(
        &self,
        pass: &mut P,
        work: &dyn LayerForward<T, P>,
        step: usize,
        name: &Name,
    ) {
        self.begin_step(pass, name);
        self.carry_layer_forward(pass, work, step);
        self.end_step(pass, step);
    }

    #[inline(never)]
    fn watch_layer<P: Pass>(
        &self,
        pass: &mut P,
        work: &dyn LayerForward<T, P>,
        step: usize,
        name: &Name,
        kind: &'static str,
        facts: &'static Facts,
    ) {
        let scope = facts.scope(*name, kind);
        pass.device().enter(&scope);
        self.carry_layer_forward(pass, work, step);
        // SAFETY: it has been written, and nobody writes now.
        pass.device().leave(&scope, unsafe { self.read(self.row(step, false).y) });
    }

    #[inline(always)]
    fn carry_layer_forward<P: Pass, W: LayerForward<T, P> + ?Sized>(
        &self,
        pass: &mut P,
        work: &W,
        step: usize,
    ) {
        let row = self.row(step, false);
        let how = match row.forward {
            Mode::Alias => return,
            Mode::Done if const { !<P::Device as Device>::WATCHES } => return,
            Mode::InPlace | Mode::Done => How::InPlace,
            Mode::Separate => match self.followed(step) {
                Some(followed) if const { may_lead::<P>() } => How::Followed(followed),
                _ => How::Separate,
            },
        };
        let outer = pass.set_wants(row.asks);
        // SAFETY: they are the rows of the step at hand, and the slices are gone with the call.
        let (x, y, memory) = unsafe {
            let x = self.input(row, self.inputs(row, 1), 0);
            (x, self.output(row), self.memory(row.saved, row.forward_scratch))
        };
        work.run(pass, how, x, y, memory);
        pass.set_wants(outer);
    }

    #[inline(never)]
    fn call_layer_backward<P: Pass>(
        &self,
        pass: &mut P,
        work: &mut dyn LayerBackward<T, P>,
        step: usize,
        has_gradient: bool,
    ) {
        self.carry_layer_backward(pass, work, step, has_gradient);
    }

    #[inline(always)]
    fn carry_layer_backward<P: Pass, W: LayerBackward<T, P> + ?Sized>(
        &self,
        pass: &mut P,
        work: &mut W,
        step: usize,
        has_gradient: bool,
    ) {
        let row = self.row(step, true);
        let inputs = self.inputs(row, 1);
        let input = &inputs[0];
        let computes = self.wants(input) && input.computes;
        let in_place = match row.backward {
            Mode::Alias | Mode::Done => return,
            Mode::InPlace => true,
            Mode::Separate => false,
        };
        if !(computes || has_gradient && row.trains) {
            return;
        }
        let outer = pass.set_wants(row.asks);
        // SAFETY: they are the rows of the step at hand, and the slices are gone with the call.
        let (edges, memory) = unsafe {
            let dx = self.input_gradient(row, input, computes);
            let edges = Backward {
                x: self.kept_input(row, inputs, 0),
                y: self.kept_output(row),
                dy: self.output_gradient(row),
                dx: if computes { Some(dx) } else { None },
            };
            (edges, self.memory(row.saved, row.backward_scratch))
        };
        work.run(pass, in_place, edges, memory);
        if !in_place && computes && input.partial.length > 0 {
            self.add_partial(pass, input);
        }
        pass.set_wants(outer);
    }
}

const fn facts<L: Layer<I>, I: Shape>() -> Facts {
    Facts {
        input: I::DIMS.split_at(I::RANK).0,
        output: L::Out::DIMS.split_at(L::Out::RANK).0,
        params: L::PARAMS,
        flops: L::FLOPS,
    }
}

/// Whether a device is only told of a layer.
const fn is_noted<L: Parameters, P: Pass>() -> bool {
    !<P::Device as Device>::COMPUTES && !L::LAYERS
}

/// Whether a layer may be asked, in such a pass, to do what those behind it would do: where the only layer that reads its output
/// is known, it must be the first of them; else an operation may be.
const fn leads<L: Layer<I>, I: Shape, P: Pass>(reader: Option<Follows>) -> bool {
    let begins = match reader {
        Some(Follows::Scales(_)) => true,
        Some(Follows::Nothing) => false,
        Some(Follows::Rectifies | Follows::Pools(_)) | None => !L::LEADS.scaled_only,
    };
    may_lead::<P>() && L::LEADS.channels > 0 && begins
}

/// Whether a layer can work in place: as it says, or since one before it may do its work.
const fn in_place<L: Layer<I>, I: Shape>() -> bool {
    let says = L::NEEDS.in_place || L::FIRST_NEEDS.in_place || L::FROZEN_NEEDS.in_place;
    says || !matches!(L::FOLLOWS, Follows::Nothing)
}

/// The forward of a layer on the shape `I`.
struct Forward<'a, L, I> {
    layer: &'a L,
    input: PhantomData<I>,
}

impl<L: Layer<I>, I: Shape, P: Pass> LayerForward<L::Element, P> for Forward<'_, L, I> {
    #[inline(always)]
    fn run(
        &self,
        pass: &mut P,
        how: How<'_>,
        x: &[L::Element],
        y: &mut [L::Element],
        memory: Memory<'_, L::Element>,
    ) {
        match how {
            How::InPlace if const { in_place::<L, I>() } => self.layer.forward_in_place(pass, y, memory),
            How::Followed(followed) if const { leads::<L, I, P>(None) } => {
                lead(self.layer, pass, followed, x, y, memory, &|_, _| ());
            }
            _ => self.layer.forward(pass, x, y, memory),
        }
    }
}

/// The same, before the layer `R` on the shape `J`.
struct Leading<'a, L, I, R, J> {
    layer: &'a L,
    reader: &'a R,
    edges: PhantomData<(I, J)>,
}

impl<L, I, R, J, P> LayerForward<L::Element, P> for Leading<'_, L, I, R, J>
where
    L: Layer<I>,
    I: Shape,
    R: Layer<J, Element = L::Element>,
    J: Shape,
    P: Pass,
{
    #[inline(always)]
    fn run(
        &self,
        pass: &mut P,
        how: How<'_>,
        x: &[L::Element],
        y: &mut [L::Element],
        memory: Memory<'_, L::Element>,
    ) {
        let scaling = |scale: &mut [L::Element], shift: &mut [L::Element]| self.reader.scaling(scale, shift);
        match how {
            How::Followed(followed) => lead(self.layer, pass, followed, x, y, memory, &scaling),
            How::InPlace if const { in_place::<L, I>() } => self.layer.forward_in_place(pass, y, memory),
            _ => self.layer.forward(pass, x, y, memory),
        }
    }
}

/// The forward of a layer, with what is done for those behind it; the first of them has that scaling.
#[inline(always)]
fn lead<L: Layer<I>, I: Shape, P: Pass>(
    layer: &L,
    pass: &mut P,
    followed: &Followed,
    x: &[L::Element],
    y: &mut [L::Element],
    memory: Memory<'_, L::Element>,
    scaling: &impl Fn(&mut [L::Element], &mut [L::Element]),
) {
    let room = memory.workspace.len() - 2 * followed.scaled;
    let (workspace, room) = memory.workspace.split_at_mut(room);
    let (scale, shift) = room.split_at_mut(followed.scaled);
    scaling(scale, shift);
    let following = Following { scale, shift, rectified: followed.rectified, pool: followed.pool.as_ref() };
    layer.forward_followed(pass, x, y, following, Memory { workspace, ..memory });
}

/// The backward of a layer on the shape `I`.
struct Back<'a, L: Layer<I>, I: Shape> {
    layer: &'a L,
    gradient: Option<&'a mut L::Gradient>,
    input: PhantomData<I>,
}

impl<L: Layer<I>, I: Shape, P: Pass> LayerBackward<L::Element, P> for Back<'_, L, I> {
    #[inline(always)]
    fn run(
        &mut self,
        pass: &mut P,
        is_in_place: bool,
        edges: Backward<'_, L::Element>,
        memory: Memory<'_, L::Element>,
    ) {
        if const { in_place::<L, I>() } && is_in_place {
            self.layer.backward_in_place(pass, edges.x, edges.y, edges.dy, memory);
        } else {
            self.layer.backward(pass, edges, self.gradient.take(), memory);
        }
    }
}
