//! Where the memory plan puts things: parts of memory, places in them, and how a step is carried out there.

use super::Needs;
use super::fusion::Followed;
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

impl Region {
    /// How many there are.
    pub(super) const COUNT: usize = 7;
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
    #[inline]
    pub(super) const fn is_apart_from(self, other: Place) -> bool {
        self.region as usize != other.region as usize
            || self.offset + self.length <= other.offset
            || other.offset + other.length <= self.offset
            || self.length == 0
            || other.length == 0
    }

    /// Whether it is the same place.
    pub(super) const fn is(self, other: Place) -> bool {
        self.region as usize == other.region as usize
            && self.offset == other.offset
            && self.length == other.length
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
    /// By a step before it, into the buffer that both have; on a device that watches, in place, if there is one plan for both.
    Done,
}

/// Where everything of one step lies. It is made by the planner alone, which sees to it that what is used together is apart.
#[derive(Clone, Copy, Debug)]
pub struct StepPlan {
    /// How forward is carried out.
    pub(super) forward: Mode,
    /// Which input's place the output takes, if forward is carried out in place.
    pub(super) replaced: usize,
    /// How backward is carried out.
    pub(super) backward: Mode,
    /// How many inputs there are.
    pub(super) arity: usize,
    /// The inputs.
    pub(super) x: [Place; MAX_INPUTS],
    /// The output.
    pub(super) y: Place,
    /// The gradients by the inputs.
    pub(super) dx: [Place; MAX_INPUTS],
    /// Where a gradient by an input is computed before it is added to what later steps have put into `dx`; nowhere for the
    /// first contribution, which is written to `dx` itself, and for the output's gradient passed on, which is added from there.
    pub(super) partial: [Place; MAX_INPUTS],
    /// Whether the gradient by an input is wanted.
    pub(super) wants: [bool; MAX_INPUTS],
    /// Which gradients are asked of the step.
    pub(super) asks: Wants,
    /// Whether the step has parameters whose gradient is wanted.
    pub(super) trains: bool,
    /// Whether a gradient is added to what later steps have put into `dx`.
    pub(super) adds: [bool; MAX_INPUTS],
    /// The gradient by the output.
    pub(super) dy: Place,
    /// What the layer keeps.
    pub(super) saved: Place,
    /// What forward needs.
    pub(super) forward_scratch: Place,
    /// What backward needs.
    pub(super) backward_scratch: Place,
    /// What the layer said that it needs.
    pub(super) needs: Needs,
    /// What it does for steps behind it.
    pub(super) followed: Followed,
}

impl StepPlan {
    pub(super) const NOWHERE: StepPlan = StepPlan {
        forward: Mode::Separate,
        replaced: 0,
        backward: Mode::Separate,
        arity: 0,
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
        followed: Followed::NOTHING,
    };

    /// How many rows of a table its inputs take.
    pub(super) const fn rows(&self) -> usize {
        if self.arity > 0 { self.arity } else { 1 }
    }

    /// Whether the gradient by an input takes work, if it is wanted.
    #[inline(always)]
    pub(super) const fn computes(&self, input: usize) -> bool {
        !(self.needs.passes(input) || self.needs.stops && self.adds[input])
    }

    /// Where the gradient by an input is computed.
    #[inline(always)]
    pub(super) const fn target(&self, input: usize) -> Place {
        if self.partial[input].length > 0 { self.partial[input] } else { self.dx[input] }
    }
}

/// How far places reach in each region, in numbers a sample.
pub(super) type Extents = [usize; Region::COUNT];

/// Where everything of a model lies.
#[derive(Clone, Copy, Debug)]
pub struct Plan<const STEPS: usize> {
    /// Each step, in forward order.
    pub(super) steps: [StepPlan; STEPS],
    /// Numbers a sample kept from forward to backward.
    pub(super) saved: usize,
    /// Numbers a sample needed beside them, in either pass.
    pub(super) scratch: usize,
    /// Numbers needed whatever the batch.
    pub(super) workspace: usize,
    /// Numbers a sample that an inference on a device that watches needs beside its output.
    pub(super) watched: usize,
    /// The most numbers a sample that are alive at one time: no plan can need less.
    pub(super) lower_bound: usize,
    /// Numbers a sample if nothing shared memory with anything.
    pub(super) keep_everything: usize,
    /// How far places reach in each region, in the forward pass.
    pub(super) forward_extents: Extents,
    /// Likewise in the backward pass.
    pub(super) backward_extents: Extents,
}

impl<const STEPS: usize> Plan<STEPS> {
    /// What each step does for those behind it.
    pub const fn followed(&self) -> [Followed; STEPS] {
        let mut followed = [Followed::NOTHING; STEPS];
        let mut step = 0;
        while step < STEPS {
            followed[step] = self.steps[step].followed;
            step += 1;
        }
        followed
    }

    /// Each step, in forward order.
    pub const fn steps(&self) -> &[StepPlan] {
        &self.steps
    }

    /// What a model with this plan for training and `inference` for the rest needs as a layer.
    pub const fn needs(&self, inference: &Plan<STEPS>) -> Needs {
        let mut needs = Needs {
            input: false,
            input_for_parameters: false,
            output: false,
            in_place: false,
            alias: false,
            passes: 0,
            stops: false,
            saved: self.saved,
            forward: self.scratch,
            backward: self.scratch,
            infer: inference.saved + inference.scratch,
            watched: inference.watched,
            workspace: if self.workspace > inference.workspace {
                self.workspace
            } else {
                inference.workspace
            },
        };
        let mut step = 0;
        while step < STEPS {
            let plan = &self.steps[step];
            let mut input = 0;
            while input < MAX_INPUTS {
                if plan.needs.input {
                    needs.input |= matches!(plan.x[input].region, Region::Input);
                    needs.output |= matches!(plan.x[input].region, Region::Output);
                }
                input += 1;
            }
            if plan.needs.output {
                needs.input |= matches!(plan.y.region, Region::Input);
                needs.output |= matches!(plan.y.region, Region::Output);
            }
            step += 1;
        }
        needs
    }
}
