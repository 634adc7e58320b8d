//! Where the memory plan puts things: parts of memory, places in them, and how a step is carried out there.

use super::Needs;
use super::step::MAX_INPUTS;
use crate::device::Wants;

/// A part of memory that a buffer can lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// Nowhere: the buffer isn't needed.
    Nowhere,
    /// The model's input, given by the caller.
    Input,
    /// The model's output, given by the caller.
    Output,
    /// The gradient by the input, given by the caller if it wants it.
    InputGradient,
    /// The gradient by the output, given by the caller.
    OutputGradient,
    /// The part that is kept from forward to backward.
    Saved,
    /// The part that is the model's during a pass.
    Scratch,
}

/// Where a buffer lies: offset and length are numbers a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The part of memory.
    pub region: Region,
    /// Where in it.
    pub offset: usize,
    /// How long it is.
    pub length: usize,
}

impl Place {
    /// A buffer that isn't needed.
    pub const NOWHERE: Place = Place { region: Region::Nowhere, offset: 0, length: 0 };

    /// Whether the two have no number in common.
    #[inline(always)]
    pub(super) fn is_apart_from(self, other: Place) -> bool {
        (self.region != other.region)
            | (self.offset + self.length <= other.offset)
            | (other.offset + other.length <= self.offset)
            | (self.length == 0)
            | (other.length == 0)
    }

    /// The first `length` numbers a sample of this place.
    pub(super) const fn cut(self, length: usize) -> Place {
        Place { length, ..self }
    }
}

/// How a step is to be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// From one buffer into another.
    Separate,
    /// In one buffer.
    InPlace,
    /// Not at all: the output is the input.
    Alias,
}

/// Where everything of one step lies.
#[derive(Clone, Copy, Debug)]
pub struct StepPlan {
    /// How forward is carried out.
    pub forward: Mode,
    /// Which input's place the output takes, if forward is carried out in place.
    pub replaced: usize,
    /// How backward is carried out.
    pub backward: Mode,
    /// The inputs.
    pub x: [Place; MAX_INPUTS],
    /// The output.
    pub y: Place,
    /// The gradients by the inputs.
    pub dx: [Place; MAX_INPUTS],
    /// Where a gradient by an input is computed before it is added to what later steps have put into `dx`; nowhere for the
    /// first contribution, which is written to `dx` itself, and for the output's gradient passed on, which is added from there.
    pub partial: [Place; MAX_INPUTS],
    /// Whether the gradient by an input is wanted.
    pub wants: [bool; MAX_INPUTS],
    /// Which gradients are asked of the step.
    pub asks: Wants,
    /// Whether the step has parameters whose gradient is wanted.
    pub trains: bool,
    /// Whether a gradient is added to what later steps have put into `dx`.
    pub adds: [bool; MAX_INPUTS],
    /// The gradient by the output.
    pub dy: Place,
    /// What the layer keeps.
    pub saved: Place,
    /// What forward needs.
    pub forward_scratch: Place,
    /// What backward needs.
    pub backward_scratch: Place,
    /// What the layer said that it needs.
    pub needs: Needs,
}

impl StepPlan {
    pub(super) const NOWHERE: StepPlan = StepPlan {
        forward: Mode::Separate,
        replaced: 0,
        backward: Mode::Separate,
        x: [Place::NOWHERE; MAX_INPUTS],
        y: Place::NOWHERE,
        dx: [Place::NOWHERE; MAX_INPUTS],
        partial: [Place::NOWHERE; MAX_INPUTS],
        wants: [false; MAX_INPUTS],
        asks: Wants::Nothing,
        trains: false,
        adds: [false; MAX_INPUTS],
        dy: Place::NOWHERE,
        saved: Place::NOWHERE,
        forward_scratch: Place::NOWHERE,
        backward_scratch: Place::NOWHERE,
        needs: Needs::NOTHING,
    };

    /// Where an operation on `COUNT` edges reads them.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn read<const COUNT: usize>(&self) -> [Place; COUNT] {
        core::array::from_fn(|input| self.x[input])
    }

    /// As `read`, without the edge whose place the output takes.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn others<const COUNT: usize>(&self) -> [Place; COUNT] {
        let mut others = self.read();
        others[self.replaced] = Place::NOWHERE;
        others
    }

    /// Where backward reads the inputs of an operation on `count` edges, and, last, its output: those that are kept.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn kept(&self, count: usize) -> [Place; MAX_INPUTS + 1] {
        let mut kept = [Place::NOWHERE; MAX_INPUTS + 1];
        if self.needs.input {
            kept[..count].copy_from_slice(&self.x[..count]);
        }
        if self.needs.output {
            kept[MAX_INPUTS] = self.y;
        }
        kept
    }

    /// Whether the gradient by an input is wanted, by a caller who does or doesn't give room for that by the model's input.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn wants_by(&self, input: usize, gives_input: bool) -> bool {
        self.wants[input] && (self.dx[input].region != Region::InputGradient || gives_input)
    }

    /// Whether the gradient by an input is wanted and takes work.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn computes(&self, input: usize, gives_input: bool) -> bool {
        self.wants_by(input, gives_input)
            && !self.needs.passes(input)
            && !(self.needs.stops && self.adds[input])
    }

    /// Whether that holds for any of `count` inputs.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn computes_any(&self, count: usize, gives_input: bool) -> bool {
        (0..count).any(|input| self.computes(input, gives_input))
    }

    /// Where an operation on `COUNT` edges puts the gradients by them: nowhere if they aren't computed.
    #[cfg_attr(debug_assertions, inline(never))]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn targets<const COUNT: usize>(&self, gives_input: bool) -> [Place; COUNT] {
        core::array::from_fn(|input| match self.computes(input, gives_input) {
            false => Place::NOWHERE,
            true if self.partial[input].length > 0 => self.partial[input],
            true => self.dx[input],
        })
    }
}
