//! What is known about a model before it runs: numbers that constants can compute with.

use super::{Layer, Model, OutputOf, Parameters};
use crate::shape::Shape;

/// A model's facts under short names.
struct Known<M>(core::marker::PhantomData<M>);

impl<M: Model> Known<M> {
    const NEEDS: super::Needs = {
        let () = M::CHECKED;
        <M as Layer<M::Input>>::NEEDS
    };
    const FIRST_NEEDS: super::Needs = {
        let () = M::CHECKED;
        <M as Layer<M::Input>>::FIRST_NEEDS
    };
    const OUTPUT: usize = <OutputOf<M> as Shape>::LEN;
    const SIZE: usize = size_of::<M::Element>();
}

/// The lengths of one input sample's axes.
#[inline]
pub const fn input<M: Model>() -> &'static [usize] {
    let (dims, _) = const { &<M::Input as Shape>::DIMS }.split_at(<M::Input as Shape>::RANK);
    dims
}

/// The lengths of one output sample's axes.
#[inline]
pub const fn output<M: Model>() -> &'static [usize] {
    let (dims, _) = const { &<OutputOf<M> as Shape>::DIMS }.split_at(<OutputOf<M> as Shape>::RANK);
    dims
}

/// Floating-point operations of one sample's forward pass.
#[inline]
pub const fn flops<M: Model>() -> usize {
    <M as Layer<M::Input>>::FLOPS
}

/// Numbers of memory that an inference of `batch` samples needs: its output, what lives between layers, workspace.
#[inline]
pub const fn infer_numbers<M: Model>(batch: usize) -> usize {
    (Known::<M>::NEEDS.infer + Known::<M>::OUTPUT) * batch + Known::<M>::NEEDS.workspace
}

/// Numbers of memory that a training step of `batch` samples needs: output, its gradient, what lives between and in layers,
/// workspace, what buffers are going to be; and the gradient by the input, if it is wanted.
#[inline]
pub const fn train_numbers<M: Model>(batch: usize, input_gradient: bool) -> usize {
    let (needs, input) = if input_gradient {
        (Known::<M>::NEEDS, <M::Input as Shape>::LEN)
    } else {
        (Known::<M>::FIRST_NEEDS, 0)
    };
    let scratch = if needs.forward > needs.backward { needs.forward } else { needs.backward };
    (needs.saved + scratch + 2 * Known::<M>::OUTPUT + input) * batch
        + needs.workspace
        + <M as Parameters>::BUFFERS
}

/// [`infer_numbers`] in bytes.
#[inline]
pub const fn infer_bytes<M: Model>(batch: usize) -> usize {
    infer_numbers::<M>(batch) * Known::<M>::SIZE
}

/// [`train_numbers`] in bytes.
#[inline]
pub const fn train_bytes<M: Model>(batch: usize) -> usize {
    train_numbers::<M>(batch, false) * Known::<M>::SIZE
}

/// The workspace of a model in bytes: what each further thread needs.
#[inline]
pub const fn workspace_bytes<M: Model>() -> usize {
    Known::<M>::NEEDS.workspace * Known::<M>::SIZE
}
