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
//! Here are the decisions; finding room for buffers is in `packing`, beside this.

use super::operation::{Edges, Operation};
use super::packing::{Buffer, pack};
use super::place::{Mode, Place, Region, StepPlan};
use super::{Layer, Needs};
use crate::element::Float;
use crate::shape::Shape;

/// The most edges that one step reads.
pub const MAX_INPUTS: usize = 4;

/// One layer's place in a model: which edges it reads, what it needs. Step `i` writes edge `i`; edges from `STEPS` on are the
/// model's inputs.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The edges that it reads.
    pub inputs: [usize; MAX_INPUTS],
    /// How many it reads.
    pub arity: usize,
    /// The lengths of those edges, a sample.
    pub input_lengths: [usize; MAX_INPUTS],
    /// What it keeps and needs.
    pub needs: Needs,
    /// The output's length, a sample.
    pub length: usize,
}

impl Step {
    /// The layer `L` on the shape `I`, reading the edge `input`.
    pub const fn of<L: Layer<I>, I: Shape>(input: usize) -> Step {
        Step {
            inputs: [input, 0, 0, 0],
            arity: 1,
            input_lengths: [I::LEN, 0, 0, 0],
            needs: L::NEEDS,
            length: L::Out::LEN,
        }
    }

    /// The operation `O` on edges of the shapes `I`, reading the edges `inputs`.
    pub const fn operation<O: Operation<I, T>, I: Edges, T: Float>(edges: &[usize]) -> Step {
        let mut inputs = [0; MAX_INPUTS];
        let mut input = 0;
        while input < I::COUNT {
            inputs[input] = edges[input];
            input += 1;
        }
        Step { inputs, arity: I::COUNT, input_lengths: I::LENGTHS, needs: O::NEEDS, length: O::Out::LEN }
    }

    /// The parameter `L`, which reads no edge.
    pub const fn parameter<L: Layer<I>, I: Shape>() -> Step {
        Step {
            inputs: [0; MAX_INPUTS],
            arity: 0,
            input_lengths: [0; MAX_INPUTS],
            needs: L::NEEDS,
            length: L::Out::LEN,
        }
    }

    const fn reads(&self, edge: usize) -> bool {
        let mut input = 0;
        while input < self.arity {
            if self.inputs[input] == edge {
                return true;
            }
            input += 1;
        }
        false
    }
}

/// Where everything of a model lies.
#[derive(Clone, Copy, Debug)]
pub struct Plan<const STEPS: usize> {
    /// Each step, in forward order.
    pub steps: [StepPlan; STEPS],
    /// Numbers a sample kept from forward to backward.
    pub saved: usize,
    /// Numbers a sample needed beside them, in either pass.
    pub scratch: usize,
    /// Numbers needed whatever the batch.
    pub workspace: usize,
    /// The most numbers a sample that are alive at one time: no plan can need less.
    pub lower_bound: usize,
    /// Numbers a sample if nothing shared memory with anything.
    pub keep_everything: usize,
}

/// The state of planning: which edges share a buffer, and each buffer's lifetime.
struct Planner<const STEPS: usize> {
    steps: [Step; STEPS],
    /// Where each of the model's inputs begins among them, a sample.
    input_offsets: [usize; MAX_INPUTS],
    training: bool,
    /// The edge whose buffer holds the value of each edge; an edge from `STEPS` on is an input.
    value_owner: [usize; STEPS],
    /// The edge whose buffer holds the gradient by each edge.
    gradient_owner: [usize; STEPS],
    forward: [Mode; STEPS],
    backward: [Mode; STEPS],
}

/// The plan of a training step: the last step's output is the model's.
pub const fn plan_training<const STEPS: usize>(steps: [Step; STEPS], inputs: &[usize]) -> Plan<STEPS> {
    Planner::new(steps, inputs, true).plan()
}

/// The plan of an inference: nothing is kept, the backward pass doesn't exist.
pub const fn plan_inference<const STEPS: usize>(steps: [Step; STEPS], inputs: &[usize]) -> Plan<STEPS> {
    Planner::new(steps, inputs, false).plan()
}

impl<const STEPS: usize> Planner<STEPS> {
    const fn new(steps: [Step; STEPS], inputs: &[usize], training: bool) -> Self {
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
            value_owner: own,
            gradient_owner: own,
            forward: [Mode::Separate; STEPS],
            backward: [Mode::Separate; STEPS],
        };
        planner.share_values();
        if training {
            planner.share_gradients();
        }
        planner
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
            let needs = self.steps[step].needs;
            if self.steps[step].arity > 0 && self.steps[step].length == self.steps[step].input_lengths[0] {
                let owner = self.owner_of_value(self.steps[step].inputs[0]);
                if needs.alias {
                    if !(self.is_input(owner) && self.is_output(step)) {
                        self.value_owner[step] = owner;
                        self.forward[step] = Mode::Alias;
                    }
                } else if needs.in_place && !self.is_input(owner) && !self.is_read_after(owner, step) {
                    self.value_owner[step] = owner;
                    self.forward[step] = Mode::InPlace;
                }
            }
            step += 1;
        }
    }

    /// Lets the gradient by an input take the buffer of the gradient by the output, which nobody reads once the step is done.
    const fn share_gradients(&mut self) {
        let mut step = STEPS;
        while step > 0 {
            step -= 1;
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

    const fn plan(self) -> Plan<STEPS> {
        let turn = if self.training { STEPS } else { usize::MAX };
        let mut values = [Buffer::NONE; STEPS];
        let mut gradients = [Buffer::NONE; STEPS];
        let mut saved = [Buffer::NONE; STEPS];
        let mut forward = [Buffer::NONE; STEPS];
        let mut backward = [Buffer::NONE; STEPS];
        let mut partials = [[Buffer::NONE; MAX_INPUTS]; STEPS];
        let mut workspace = 0;

        let mut step = 0;
        while step < STEPS {
            let Step { needs, length, inputs, arity, input_lengths } = self.steps[step];
            let owner = self.value_owner[step];
            if !self.is_input(owner) {
                values[owner].use_at(step, length);
                if self.training && needs.output {
                    values[owner].use_at(self.back(step), length);
                }
            }
            let mut input = 0;
            while input < arity {
                let edge = inputs[input];
                let owner = self.owner_of_value(edge);
                if !self.is_input(owner) {
                    values[owner].use_at(step, 0);
                    if self.training && needs.input {
                        values[owner].use_at(self.back(step), 0);
                    }
                }
                if self.training && !self.is_input(edge) {
                    let owner = self.gradient_owner[edge];
                    if !self.is_input(owner) {
                        gradients[owner].use_at(self.back(step), input_lengths[input]);
                    }
                }
                if self.training && !self.is_first_contribution(step, input) {
                    partials[step][input].use_at(self.back(step), input_lengths[input]);
                }
                input += 1;
            }
            if self.training {
                let owner = self.gradient_owner[step];
                if !self.is_input(owner) {
                    gradients[owner].use_at(self.back(step), length);
                }
                saved[step].use_at(step, needs.saved);
                saved[step].use_at(self.back(step), needs.saved);
                forward[step].use_at(step, needs.forward);
                backward[step].use_at(self.back(step), needs.backward);
            } else {
                forward[step].use_at(step, needs.infer);
            }
            if needs.workspace > workspace {
                workspace = needs.workspace;
            }
            step += 1;
        }
        if STEPS > 0 {
            values[self.value_owner[STEPS - 1]].lies_at(Region::Output);
            gradients[STEPS - 1].lies_at(Region::OutputGradient);
        }

        let mut kinds: [&mut [Buffer]; 6] = [
            &mut values,
            &mut gradients,
            &mut saved,
            &mut forward,
            &mut backward,
            partials.as_flattened_mut(),
        ];
        let packed = pack(&mut kinds, turn);

        let mut steps = [StepPlan::NOWHERE; STEPS];
        let mut step = 0;
        while step < STEPS {
            let Step { inputs, arity, input_lengths, length, needs } = self.steps[step];
            let mut plan = StepPlan {
                forward: self.forward[step],
                backward: self.backward[step],
                y: self.value_place(&values, step, length),
                saved: saved[step].place,
                forward_scratch: forward[step].place,
                backward_scratch: backward[step].place,
                needs,
                ..StepPlan::NOWHERE
            };
            if self.training {
                plan.dy = self.gradient_place(&gradients, step, length);
            }
            let mut input = 0;
            while input < arity {
                let length = input_lengths[input];
                plan.x[input] = self.value_place(&values, inputs[input], length);
                if self.training {
                    plan.dx[input] = self.gradient_place(&gradients, inputs[input], length);
                    plan.partial[input] = partials[step][input].place;
                }
                input += 1;
            }
            steps[step] = plan;
            step += 1;
        }
        Plan {
            steps,
            saved: packed.saved,
            scratch: packed.scratch,
            workspace,
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

impl<const STEPS: usize> Plan<STEPS> {
    /// What a model with this plan for training and `inference` for the rest needs as a layer.
    pub const fn needs(&self, inference: &Plan<STEPS>) -> Needs {
        let mut needs = Needs {
            input: false,
            output: false,
            in_place: false,
            alias: false,
            saved: self.saved,
            forward: self.scratch,
            backward: self.scratch,
            infer: inference.saved + inference.scratch,
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
