//! The memory plan: where every edge, gradient and saved value of a model lives, computed in a constant.
//!
//! A model is a list of steps between edges. Each buffer has a length (a sample) and a lifetime on a clock that runs through
//! the forward pass (step `i` at time `i`) and back (step `i` at time `2 * STEPS - 1 - i`). Buffers whose lifetimes don't
//! meet share memory. Everything scales with the batch, so a plan for one sample is a plan for all: offsets times rows.
//!
//! The space has two parts: *saved*, which is the model's own from its forward to its backward, and *scratch*, which is its
//! own only during either. A buffer that lives across the turn lies in saved; any other lies where it fits, in a gap of
//! saved or in scratch, never across the border. So a plan nests: an inner model asks its outer model for those two parts.
//!
//! Here are the decisions; finding room for buffers is in `packing`, beside this, and `claim` checks what came of it.

use super::claim::check;
use super::fusion::{Followed, fuse};
use super::packing::{Buffer, pack};
use super::place::{Mode, Place, Plan, Region, StepPlan};
use super::step::{MAX_INPUTS, Step};
use crate::device::Wants;

// Kinds of buffers; each step has one of each.
const VALUES: usize = 0;
const GRADIENTS: usize = 1;
const SAVED: usize = 2;
const FORWARD: usize = 3;
const BACKWARD: usize = 4;
/// What a step computes for its inputs before it is added to their gradients: one kind for each input.
const PARTIALS: usize = 5;
const KINDS: usize = PARTIALS + MAX_INPUTS;

/// The state of planning: which edges share a buffer, and each buffer's lifetime.
struct Planner<const STEPS: usize> {
    steps: [Step; STEPS],
    /// Where each of the model's inputs begins among them, a sample.
    input_offsets: [usize; MAX_INPUTS],
    training: bool,
    /// Whether it is for a device that watches.
    watches: bool,
    /// Which steps are done by one before them.
    done: [bool; STEPS],
    /// What each step does for others.
    followed: [Followed; STEPS],
    /// Whether the gradient by each edge is wanted: parameters that are trained lie before it, or an input whose gradient is wanted.
    wanted: [bool; STEPS],
    /// Whether the gradient by the model's inputs is wanted.
    wants_input: bool,
    /// The edge whose buffer holds the value of each edge; an edge from `STEPS` on is an input.
    value_owner: [usize; STEPS],
    /// The edge whose buffer holds the gradient by each edge.
    gradient_owner: [usize; STEPS],
    forward: [Mode; STEPS],
    /// Which of its inputs a step replaces by its output.
    replaced: [usize; STEPS],
    backward: [Mode; STEPS],
}

/// The plan of a training step, with those gradients that are wanted: the last step's output is the model's.
pub const fn plan_training<const STEPS: usize>(
    mut steps: [Step; STEPS],
    inputs: &[usize],
    wants: Wants,
) -> Plan<STEPS> {
    let mut step = 0;
    while step < STEPS && matches!(wants, Wants::Nothing) {
        steps[step] = steps[step].frozen();
        step += 1;
    }
    Planner::new(steps, inputs, true, matches!(wants, Wants::Input), [false; STEPS]).plan()
}

/// The plan of an inference: nothing is kept, the backward pass doesn't exist.
pub const fn plan_inference<const STEPS: usize>(steps: [Step; STEPS], inputs: &[usize]) -> Plan<STEPS> {
    let (fused, followed, done) = fuse(steps);
    let mut planner = Planner::new(fused, inputs, false, false, done);
    planner.followed = followed;
    let mut plan = planner.plan();
    if needs_watched(&steps, &followed) {
        let watched = plan_each(steps, inputs);
        plan.watched = watched.saved + watched.scratch;
    }
    plan
}

/// The plan of an inference on a device that watches: that of others, `inference`, if edges are as long there.
pub const fn plan_watched<const STEPS: usize>(
    steps: [Step; STEPS],
    inputs: &[usize],
    inference: Plan<STEPS>,
) -> Plan<STEPS> {
    if inference.watched > 0 { plan_each(steps, inputs) } else { inference }
}

/// The plan of an inference in which each step does its own work.
const fn plan_each<const STEPS: usize>(steps: [Step; STEPS], inputs: &[usize]) -> Plan<STEPS> {
    let mut planner = Planner::new(steps, inputs, false, false, [false; STEPS]);
    planner.watches = true;
    planner.plan()
}

/// Whether a step pools what others have to keep, or has such steps in it.
const fn needs_watched<const STEPS: usize>(steps: &[Step; STEPS], followed: &[Followed; STEPS]) -> bool {
    let mut step = 0;
    while step < STEPS {
        if followed[step].pool.is_some() || steps[step].needs.watched > 0 {
            return true;
        }
        step += 1;
    }
    false
}

impl<const STEPS: usize> Planner<STEPS> {
    const fn new(
        steps: [Step; STEPS],
        inputs: &[usize],
        training: bool,
        wants_input: bool,
        done: [bool; STEPS],
    ) -> Self {
        let mut input_offsets = [0; MAX_INPUTS];
        let (mut input, mut offset) = (0, 0);
        while input < inputs.len() {
            input_offsets[input] = offset;
            offset += inputs[input];
            input += 1;
        }
        let mut own = [0; STEPS];
        let mut edge = 0;
        while edge < STEPS {
            own[edge] = edge;
            edge += 1;
        }
        let mut planner = Planner {
            steps,
            input_offsets,
            training,
            watches: false,
            done,
            followed: [Followed::NOTHING; STEPS],
            wanted: [false; STEPS],
            wants_input,
            value_owner: own,
            gradient_owner: own,
            forward: [Mode::Separate; STEPS],
            replaced: [0; STEPS],
            backward: [Mode::Separate; STEPS],
        };
        planner.find_wanted();
        planner.share_values();
        if training {
            planner.share_gradients();
        }
        planner
    }

    /// Finds out which gradients are wanted, and with that what each step has to keep.
    const fn find_wanted(&mut self) {
        let mut step = 0;
        while step < STEPS && self.training {
            let Step { arity, first_needs, frozen_needs, trained, .. } = self.steps[step];
            let mut wants_input = false;
            let mut input = 0;
            while input < arity {
                wants_input |= self.is_wanted(self.steps[step].inputs[input]);
                input += 1;
            }
            self.wanted[step] = trained || wants_input;
            if !wants_input {
                self.steps[step].needs = if trained { first_needs } else { frozen_needs };
            }
            let needs = &mut self.steps[step].needs;
            needs.input &= self.wanted[step] && (trained || !needs.input_for_parameters);
            needs.output &= self.wanted[step];
            step += 1;
        }
    }

    const fn is_wanted(&self, edge: usize) -> bool {
        if self.is_input(edge) { self.wants_input } else { self.wanted[edge] }
    }

    const fn is_input(&self, edge: usize) -> bool {
        edge >= STEPS
    }

    const fn is_output(&self, edge: usize) -> bool {
        edge + 1 == STEPS
    }

    const fn owner_of_value(&self, edge: usize) -> usize {
        if self.is_input(edge) { edge } else { self.value_owner[edge] }
    }

    /// The time of a step's backward.
    const fn back(&self, step: usize) -> usize {
        2 * STEPS - 1 - step
    }

    /// Whether `step` is the last to read `edge`: in the backward pass it is the first to give it a gradient.
    const fn is_last_reader(&self, step: usize, edge: usize) -> bool {
        let mut later = step + 1;
        while later < STEPS {
            if self.steps[later].reads(edge) {
                return false;
            }
            later += 1;
        }
        true
    }

    /// Whether the value in the buffer of `owner` is read after `step`, forward or backward.
    const fn is_read_after(&self, owner: usize, step: usize) -> bool {
        let mut edge = 0;
        while edge <= step && edge < STEPS {
            if self.value_owner[edge] == owner && edge < step {
                if self.is_output(edge) || self.training && self.steps[edge].needs.output {
                    return true;
                }
                if !self.is_last_reader(step, edge) {
                    return true;
                }
                let mut reader = edge + 1;
                while reader <= step {
                    if self.training && self.steps[reader].reads(edge) && self.steps[reader].needs.input {
                        return true;
                    }
                    reader += 1;
                }
            }
            edge += 1;
        }
        false
    }

    /// Lets outputs take their inputs' buffers: always where the layer changes nothing, and where it can work in place and
    /// nobody reads the input later.
    const fn share_values(&mut self) {
        let mut step = 0;
        while step < STEPS {
            let mut input = self.steps[step].arity;
            while input > 0 {
                input -= 1;
                // From the last to the first: what an operation adds to is often a branch's result, which nobody else reads.
                if matches!(self.forward[step], Mode::Separate) {
                    self.share_value(step, input);
                }
            }
            step += 1;
        }
    }

    const fn share_value(&mut self, step: usize, input: usize) {
        let needs = self.steps[step].needs;
        if self.steps[step].length != self.steps[step].input_lengths[input] {
            return;
        }
        let owner = self.owner_of_value(self.steps[step].inputs[input]);
        if self.done[step] {
            self.value_owner[step] = owner;
            self.forward[step] = Mode::Done;
            return;
        }
        if needs.alias && input == 0 {
            if !(self.is_input(owner) && self.is_output(step)) {
                self.value_owner[step] = owner;
                self.forward[step] = Mode::Alias;
            }
        } else if needs.in_place
            && !self.is_input(owner)
            && !self.reads_elsewhere(step, input, owner)
            && !self.is_read_after(owner, step)
        {
            self.value_owner[step] = owner;
            self.forward[step] = Mode::InPlace;
            self.replaced[step] = input;
        }
    }

    /// Whether another input of the step lies in the buffer of `owner`, too.
    const fn reads_elsewhere(&self, step: usize, input: usize, owner: usize) -> bool {
        let mut other = 0;
        while other < self.steps[step].arity {
            if other != input && self.owner_of_value(self.steps[step].inputs[other]) == owner {
                return true;
            }
            other += 1;
        }
        false
    }

    /// Lets the gradient by an input take the buffer of the gradient by the output, which nobody reads once the step is done.
    const fn share_gradients(&mut self) {
        let mut step = STEPS;
        while step > 0 {
            step -= 1;
            self.pass_gradient_on(step);
            let needs = self.steps[step].needs;
            let input = self.steps[step].inputs[0];
            if self.steps[step].arity != 1
                || self.steps[step].length != self.steps[step].input_lengths[0]
                || !self.is_last_reader(step, input)
            {
                continue;
            }
            if self.is_input(input) {
                if needs.alias && !self.is_output(self.gradient_owner[step]) {
                    let owner = self.gradient_owner[step];
                    let mut edge = 0;
                    while edge < STEPS {
                        if self.gradient_owner[edge] == owner {
                            self.gradient_owner[edge] = input;
                        }
                        edge += 1;
                    }
                    self.backward[step] = Mode::Alias;
                }
            } else if (needs.alias || needs.in_place) && !self.is_output(input) {
                self.gradient_owner[input] = self.gradient_owner[step];
                self.backward[step] = if needs.alias { Mode::Alias } else { Mode::InPlace };
            }
        }
    }

    /// Where the gradient by the output is that by an input, unchanged, one input may have its buffer.
    const fn pass_gradient_on(&mut self, step: usize) {
        let mut input = 0;
        while input < self.steps[step].arity {
            let edge = self.steps[step].inputs[input];
            if self.steps[step].needs.passes(input)
                && !self.is_input(edge)
                && self.is_wanted(edge)
                && !self.is_output(edge)
                && self.steps[step].times_read(edge) == 1
                && self.is_last_reader(step, edge)
            {
                self.gradient_owner[edge] = self.gradient_owner[step];
                return;
            }
            input += 1;
        }
    }

    const fn plan(self) -> Plan<STEPS> {
        let turn = if self.training { STEPS } else { usize::MAX };
        let mut buffers = [[Buffer::NONE; STEPS]; KINDS];
        let mut workspace = 0;

        let mut step = 0;
        while step < STEPS {
            let Step { needs, length, inputs, arity, input_lengths, .. } = self.steps[step];
            let owner = self.value_owner[step];
            if !self.is_input(owner) {
                buffers[VALUES][owner].use_at(step, length);
                if self.training && needs.output {
                    buffers[VALUES][owner].use_at(self.back(step), length);
                }
            }
            let mut input = 0;
            while input < arity {
                let edge = inputs[input];
                let owner = self.owner_of_value(edge);
                if !self.is_input(owner) {
                    buffers[VALUES][owner].use_at(step, 0);
                    if self.training && needs.input {
                        buffers[VALUES][owner].use_at(self.back(step), 0);
                    }
                }
                if self.training && !self.is_input(edge) && self.is_wanted(edge) {
                    let owner = self.gradient_owner[edge];
                    if !self.is_input(owner) {
                        buffers[GRADIENTS][owner].use_at(self.back(step), input_lengths[input]);
                    }
                }
                if self.training
                    && self.is_wanted(edge)
                    && !needs.passes(input)
                    && !needs.stops
                    && !self.is_first_contribution(step, input)
                {
                    buffers[PARTIALS + input][step].use_at(self.back(step), input_lengths[input]);
                }
                input += 1;
            }
            if self.training {
                buffers[SAVED][step].use_at(step, needs.saved);
                buffers[FORWARD][step].use_at(step, needs.forward);
                if self.wanted[step] {
                    let owner = self.gradient_owner[step];
                    if !self.is_input(owner) {
                        buffers[GRADIENTS][owner].use_at(self.back(step), length);
                    }
                    buffers[SAVED][step].use_at(self.back(step), needs.saved);
                    buffers[BACKWARD][step].use_at(self.back(step), needs.backward);
                }
            } else {
                buffers[FORWARD][step].use_at(step, needs.inference(self.watches));
            }
            if needs.workspace > workspace {
                workspace = needs.workspace;
            }
            step += 1;
        }
        if STEPS > 0 {
            buffers[VALUES][self.value_owner[STEPS - 1]].lies_at(Region::Output);
            buffers[GRADIENTS][STEPS - 1].lies_at(Region::OutputGradient);
        }

        let mut order = [[0; STEPS]; KINDS];
        let packed = pack(buffers.as_flattened_mut(), order.as_flattened_mut(), turn);

        let mut steps = [StepPlan::NOWHERE; STEPS];
        let mut step = 0;
        while step < STEPS {
            let Step { inputs, arity, input_lengths, length, needs, .. } = self.steps[step];
            let mut plan = StepPlan {
                forward: self.forward[step],
                replaced: self.replaced[step],
                backward: self.backward[step],
                arity,
                y: self.value_place(&buffers[VALUES], step, length),
                saved: buffers[SAVED][step].place,
                forward_scratch: buffers[FORWARD][step].place,
                backward_scratch: buffers[BACKWARD][step].place,
                needs,
                followed: self.followed[step],
                ..StepPlan::NOWHERE
            };
            if self.wanted[step] {
                plan.trains = self.steps[step].trained;
                plan.asks = Wants::Parameters;
                plan.dy = self.gradient_place(&buffers[GRADIENTS], step, length);
            }
            let mut input = 0;
            while input < arity {
                let length = input_lengths[input];
                plan.x[input] = self.value_place(&buffers[VALUES], inputs[input], length);
                if self.training {
                    plan.dx[input] = self.gradient_place(&buffers[GRADIENTS], inputs[input], length);
                    plan.partial[input] = buffers[PARTIALS + input][step].place;
                    if self.is_wanted(inputs[input]) {
                        plan.wants[input] = true;
                        plan.asks = Wants::Input;
                    }
                    plan.adds[input] = !self.is_first_contribution(step, input);
                }
                input += 1;
            }
            steps[step] = plan;
            step += 1;
        }
        let (forward_extents, backward_extents) = check(&steps, self.training);
        Plan {
            steps,
            forward_extents,
            backward_extents,
            saved: packed.saved,
            scratch: packed.scratch,
            workspace,
            watched: 0,
            lower_bound: packed.lower_bound,
            keep_everything: packed.keep_everything,
        }
    }

    /// Whether the gradient that `step` gives its `input` is the first one there.
    const fn is_first_contribution(&self, step: usize, input: usize) -> bool {
        let edge = self.steps[step].inputs[input];
        let mut earlier = 0;
        while earlier < input {
            if self.steps[step].inputs[earlier] == edge {
                return false;
            }
            earlier += 1;
        }
        self.is_last_reader(step, edge) && (self.is_input(edge) || !self.is_output(edge))
    }

    const fn value_place(&self, values: &[Buffer; STEPS], edge: usize, length: usize) -> Place {
        let owner = self.owner_of_value(edge);
        if self.is_input(owner) {
            Place { region: Region::Input, offset: self.input_offsets[owner - STEPS], length }
        } else {
            values[owner].place.cut(length)
        }
    }

    const fn gradient_place(&self, gradients: &[Buffer; STEPS], edge: usize, length: usize) -> Place {
        let owner = if self.is_input(edge) { edge } else { self.gradient_owner[edge] };
        if self.is_input(owner) {
            Place { region: Region::InputGradient, offset: self.input_offsets[owner - STEPS], length }
        } else {
            gradients[owner].place.cut(length)
        }
    }
}
