//! A plan as it is read when a model runs: what a step asks of it, in as few bytes as it takes, since a program holds a row for
//! each step of its models. Where a model is one function nothing is left of it.

use super::fusion::Followed;
use super::place::{Extents, Mode, Place, Plan, Region, StepPlan};
use crate::device::Wants;

/// Where a buffer lies: offset and length are numbers a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C, packed)]
pub(super) struct Spot {
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) region: Region,
}

impl Spot {
    /// A buffer that isn't needed.
    pub(super) const NOWHERE: Spot = Spot::of(Place::NOWHERE);

    #[inline]
    const fn of(place: Place) -> Spot {
        Spot { offset: short(place.offset), length: short(place.length), region: place.region }
    }
}

/// What is known of one input of a step.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(super) struct InputRow {
    pub(super) x: Spot,
    /// The gradient by it.
    pub(super) dx: Spot,
    /// Where that is computed before it is added to what is there.
    pub(super) partial: Spot,
    /// Whether it is wanted.
    pub(super) wanted: bool,
    /// Whether it takes work, if it is wanted.
    pub(super) computes: bool,
    /// Whether it is the gradient by the output.
    pub(super) passes: bool,
    /// Whether it is added to what later steps have put there.
    pub(super) adds: bool,
}

impl InputRow {
    const NOTHING: InputRow = InputRow::of(&StepPlan::NOWHERE, 0);

    #[inline]
    const fn of(step: &StepPlan, input: usize) -> InputRow {
        InputRow {
            x: Spot::of(step.x[input]),
            dx: Spot::of(step.dx[input]),
            partial: Spot::of(step.partial[input]),
            wanted: step.wants[input],
            computes: step.computes(input),
            passes: step.needs.passes(input),
            adds: step.adds[input],
        }
    }

    /// Where the gradient by it is computed.
    #[inline(always)]
    pub(super) const fn target(&self) -> Spot {
        if self.partial.length > 0 { self.partial } else { self.dx }
    }
}

/// What is known of a step.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(super) struct Row {
    /// Which row of the inputs is its first.
    pub(super) first_input: u32,
    /// How many are its own.
    pub(super) input_rows: u8,
    pub(super) y: Spot,
    pub(super) dy: Spot,
    pub(super) saved: Spot,
    pub(super) forward_scratch: Spot,
    pub(super) backward_scratch: Spot,
    pub(super) forward: Mode,
    /// Which input's place the output takes, if forward is carried out in place.
    pub(super) replaced: u8,
    pub(super) backward: Mode,
    /// Which gradients are asked of the step.
    pub(super) asks: Wants,
    /// Whether it has parameters whose gradient is wanted.
    pub(super) trains: bool,
    /// Whether its backward reads the inputs.
    pub(super) reads_input: bool,
    /// Whether its backward reads the output.
    pub(super) reads_output: bool,
}

impl Row {
    #[inline]
    const fn of(step: &StepPlan, first_input: usize) -> Row {
        Row {
            first_input: short(first_input),
            input_rows: step.rows() as u8,
            y: Spot::of(step.y),
            dy: Spot::of(step.dy),
            saved: Spot::of(step.saved),
            forward_scratch: Spot::of(step.forward_scratch),
            backward_scratch: Spot::of(step.backward_scratch),
            forward: step.forward,
            replaced: step.replaced as u8,
            backward: step.backward,
            asks: step.asks,
            trains: step.trains,
            reads_input: step.needs.input,
            reads_output: step.needs.output,
        }
    }
}

/// The table of a pass over a model of so many steps, which have so many inputs together; at least one each.
pub struct Table<const STEPS: usize, const INPUTS: usize> {
    rows: [Row; STEPS],
    inputs: [InputRow; INPUTS],
    forward_extents: Extents,
    backward_extents: Extents,
}

impl<const STEPS: usize, const INPUTS: usize> Table<STEPS, INPUTS> {
    /// Of a plan.
    pub const fn of(plan: &Plan<STEPS>) -> Self {
        let mut rows = [Row::of(&StepPlan::NOWHERE, 0); STEPS];
        let mut inputs = [InputRow::NOTHING; INPUTS];
        let (mut step, mut filled) = (0, 0);
        while step < STEPS {
            let plan = &plan.steps[step];
            rows[step] = Row::of(plan, filled);
            let (mut input, mut rest) = (0, plan.rows());
            while rest > 0 {
                inputs[filled] = InputRow::of(plan, input);
                (input, rest, filled) = (input + 1, rest - 1, filled + 1);
            }
            step += 1;
        }
        assert!(filled == INPUTS, "the table has rows for other inputs");
        Table { rows, inputs, forward_extents: plan.forward_extents, backward_extents: plan.backward_extents }
    }

    /// The table, of whatever length.
    #[inline(always)]
    pub const fn sheet(&'static self) -> Sheet {
        Sheet {
            rows: &self.rows,
            inputs: &self.inputs,
            followed: &[],
            forward_extents: &self.forward_extents,
            backward_extents: &self.backward_extents,
        }
    }
}

/// A table of a model of any length.
#[derive(Clone, Copy)]
pub struct Sheet {
    pub(super) rows: &'static [Row],
    pub(super) inputs: &'static [InputRow],
    /// What each step does for those behind it; empty where none does.
    pub(super) followed: &'static [Followed],
    pub(super) forward_extents: &'static Extents,
    pub(super) backward_extents: &'static Extents,
}

impl Sheet {
    /// The same, of a pass in which steps do for others what `followed` says of each.
    #[inline(always)]
    pub const fn with_followed(mut self, followed: &'static [Followed]) -> Sheet {
        let mut step = 0;
        while step < followed.len() {
            if followed[step].is_any() {
                self.followed = followed;
            }
            step += 1;
        }
        self
    }
}

/// A number a sample as tables hold it.
#[inline]
const fn short(number: usize) -> u32 {
    assert!(number <= u32::MAX as usize, "a sample takes more than 4,294,967,295 numbers of memory");
    number as u32
}
