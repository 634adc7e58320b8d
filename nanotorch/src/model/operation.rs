//! What can be done with edges in a forward function beside calling a field: `a + b`, `a.matmul(b)`, `x.reshape(..)`.
//!
//! An operation is to its edges what a [`Layer`](super::Layer) is to its one input, without parameters. It is implemented
//! for every shape, too, and says by [`Operation::FIT`] what makes sense.

use super::{Fit, Follows, Formulas, Memory, Needs};
use crate::device::Pass;
use crate::element::Float;
use crate::message::{Text, edges_of};
use crate::shape::Shape;

/// The shapes of an operation's edges: a tuple of shapes, such as `(A, B)`.
pub trait Edges: 'static {
    /// How many there are.
    const COUNT: usize;
    /// The length of each, a sample.
    const LENGTHS: [usize; super::step::MAX_INPUTS];
    /// Whether one of them is several edges in one.
    const SEVERAL: bool;
}

macro_rules! edges {
    ($count:literal: $($Edge:ident)*) => {
        impl<$($Edge: Shape),*> Edges for ($($Edge,)*) {
            const COUNT: usize = $count;
            const LENGTHS: [usize; super::step::MAX_INPUTS] = {
                let mut lengths = [0; super::step::MAX_INPUTS];
                let given: &[usize] = &[$($Edge::LEN),*];
                let mut edge = 0;
                while edge < $count {
                    lengths[edge] = given[edge];
                    edge += 1;
                }
                lengths
            };
            const SEVERAL: bool = false $(|| edges_of::<$Edge>() > 1)*;
        }
    };
}
edges!(1: A);
edges!(2: A B);
edges!(3: A B C);
edges!(4: A B C D);

/// What an operation computes from edges of the shapes `I`, a tuple. Shapes are those of one sample.
pub trait Operation<I: Edges, T: Float> {
    /// The shape of the result.
    type Out: Shape;
    /// Whether the operation makes sense of these edges.
    const FIT: Fit = Fit::Fits;
    /// The arithmetic behind the result's shape, for messages; may be empty.
    const NOTE: Text = Text::EMPTY;
    /// Whether it takes several edges in one, as those that take them apart do.
    const TAKES_SEVERAL: bool = false;
    /// Floating-point operations of `forward`, a sample.
    const FLOPS: usize;
    /// What it keeps and needs. [`Needs::alias`] speaks of the first edge.
    const NEEDS: Needs;
    /// How it is written on paper.
    const FORMULAS: Formulas = Formulas::CALL;
    /// What it does at inference, if the layer before it can do that on the way out; then there is `forward_in_place`.
    const FOLLOWS: Follows = Follows::Nothing;

    /// Computes `y` from the edges `x`.
    fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], memory: Memory<'_, T>);

    /// Computes the result in the place of the edge of the number `replaced`, which is empty in `x`. Called only if
    /// [`Needs::in_place`] is set.
    fn forward_in_place<P: Pass>(
        &self,
        pass: &mut P,
        replaced: usize,
        x: &[&[T]],
        y: &mut [T],
        memory: Memory<'_, T>,
    ) {
        let _ = (pass, replaced, x, y, memory);
    }

    /// From the gradient `dy` by the result, computes that by each edge that wants it; each is to be overwritten.
    fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, memory: Memory<'_, T>);

    /// As `backward`, for an operation on one edge, with its gradient in the place of `dy`. Called only if
    /// [`Needs::in_place`] is set and there is one edge.
    fn backward_in_place<P: Pass>(
        &self,
        pass: &mut P,
        x: &[T],
        y: &[T],
        dy: &mut [T],
        memory: Memory<'_, T>,
    ) {
        let _ = (pass, x, y, dy, memory);
    }
}

/// The edges at an operation in the backward pass.
pub struct OperationBackward<'a, 'b, T> {
    /// The edges; empty slices unless [`Needs::input`] is set.
    pub x: &'a [&'b [T]],
    /// The result; empty unless [`Needs::output`] is set.
    pub y: &'a [T],
    /// The gradient by the result.
    pub dy: &'a mut [T],
    /// Where the gradient by each edge goes; empty where nobody wants it.
    pub dx: &'a mut [&'b mut [T]],
}
