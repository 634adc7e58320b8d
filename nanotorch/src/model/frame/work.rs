//! What a step does, whatever lies where: the part of it that its type decides.
//!
//! The other part, from the table to the slices, is the same for all layers, and for all operations on as many edges. So where
//! steps are called, it is one function, which knows the step as a trait object.

use crate::device::{Device, Name, Pass, Scope};
use crate::model::fusion::Followed;
use crate::model::{Backward, Memory, OperationBackward};

/// How the forward of a layer is carried out.
pub(super) enum How<'a> {
    /// From its input to its output.
    Separate,
    /// In one buffer.
    InPlace,
    /// With what is done for those behind it.
    Followed(&'a Followed),
}

/// The forward of a layer.
pub(super) trait LayerForward<T, P: Pass> {
    /// Computes it.
    fn run(&self, pass: &mut P, how: How<'_>, x: &[T], y: &mut [T], memory: Memory<'_, T>);
}

/// The backward of a layer.
pub(super) trait LayerBackward<T, P: Pass> {
    /// Computes it, in the place of the gradient by the output or elsewhere.
    fn run(&mut self, pass: &mut P, in_place: bool, edges: Backward<'_, T>, memory: Memory<'_, T>);
}

/// An operation.
pub(super) trait OperationWork<T, P: Pass> {
    /// Computes the result, in the place of the edge of the number `replaced` if there is such.
    fn forward(&self, pass: &mut P, replaced: Option<usize>, x: &[&[T]], y: &mut [T], memory: Memory<'_, T>);
    /// Computes gradients, in the place of that by the result or elsewhere.
    fn backward(
        &self,
        pass: &mut P,
        in_place: bool,
        edges: OperationBackward<'_, '_, T>,
        memory: Memory<'_, T>,
    );
}

/// What a device that watches is told of a step.
pub(super) struct Facts {
    /// Lengths of one sample's input: its dimensions, or those of each edge.
    pub(super) input: &'static [usize],
    /// The output's dimensions.
    pub(super) output: &'static [usize],
    pub(super) params: usize,
    pub(super) flops: usize,
}

impl Facts {
    /// The same with the step's name, and with what it is called by its author.
    pub(super) fn scope(&self, name: Name, kind: &'static str) -> Scope<'_> {
        let &Facts { input, output, params, flops } = self;
        Scope { name, kind, input, output, params, flops }
    }
}

/// Whether a layer may do, in such a pass, what those behind it would do: known to the compiler, which makes no code for others.
pub(super) const fn may_lead<P: Pass>() -> bool {
    !P::TRAINING && !<P::Device as Device>::WATCHES
}
