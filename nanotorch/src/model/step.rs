//! A model's steps, as its memory plan sees them: which edges each reads and writes, how long they are, what it needs.

use super::operation::{Edges, Operation};
use super::{Follows, Layer, Leads, Needs, Parameters};
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
    /// The same where the gradient by its input isn't wanted.
    pub first_needs: Needs,
    /// The same where no gradient is wanted of it.
    pub frozen_needs: Needs,
    /// Whether it has parameters with a gradient.
    pub trained: bool,
    /// The output's length, a sample.
    pub length: usize,
    /// What it can do at inference for those behind it.
    pub leads: Leads,
    /// What it does at inference, if one before it can do that.
    pub follows: Follows,
}

impl Step {
    /// The layer `L` on the shape `I`, reading the edge `input`.
    pub const fn of<L: Layer<I>, I: Shape>(input: usize) -> Step {
        Step {
            inputs: [input, 0, 0, 0],
            arity: 1,
            input_lengths: [I::LEN, 0, 0, 0],
            needs: L::NEEDS,
            first_needs: L::FIRST_NEEDS,
            frozen_needs: L::FROZEN_NEEDS,
            trained: <L::Gradient as Parameters>::PARAMS > 0,
            length: L::Out::LEN,
            leads: L::LEADS,
            follows: L::FOLLOWS,
        }
    }

    /// The same with its parameters frozen.
    pub const fn frozen(self) -> Step {
        Step { trained: false, ..self }
    }

    /// The operation `O` on edges of the shapes `I`, reading the edges `inputs`.
    pub const fn operation<O: Operation<I, T>, I: Edges, T: Float>(edges: &[usize]) -> Step {
        let mut inputs = [0; MAX_INPUTS];
        let mut input = 0;
        while input < I::COUNT {
            inputs[input] = edges[input];
            input += 1;
        }
        Step {
            inputs,
            arity: I::COUNT,
            input_lengths: I::LENGTHS,
            needs: O::NEEDS,
            first_needs: O::NEEDS,
            frozen_needs: O::NEEDS,
            trained: false,
            length: O::Out::LEN,
            leads: Leads::NOTHING,
            follows: O::FOLLOWS,
        }
    }

    /// The parameter `L`, which reads no edge.
    pub const fn parameter<L: Layer<I>, I: Shape>() -> Step {
        Step {
            inputs: [0; MAX_INPUTS],
            arity: 0,
            input_lengths: [0; MAX_INPUTS],
            needs: L::NEEDS,
            first_needs: L::NEEDS,
            frozen_needs: L::NEEDS,
            trained: <L::Gradient as Parameters>::PARAMS > 0,
            length: L::Out::LEN,
            leads: Leads::NOTHING,
            follows: Follows::Nothing,
        }
    }

    pub(super) const fn reads(&self, edge: usize) -> bool {
        let mut input = 0;
        while input < self.arity {
            if self.inputs[input] == edge {
                return true;
            }
            input += 1;
        }
        false
    }

    /// How often it reads an edge.
    pub(super) const fn times_read(&self, edge: usize) -> usize {
        let (mut times, mut input) = (0, 0);
        while input < self.arity {
            if self.inputs[input] == edge {
                times += 1;
            }
            input += 1;
        }
        times
    }
}
