//! What stands in where a layer was expected and isn't there, so that one mistake stays one error.
//!
//! `#[model]` puts each field's type into a [`Slot`]. Where the type is a layer, the slot chooses it; where it isn't, a stand-in
//! that takes everything, so that nothing built on the model fails too, and the one error is under the field's type.

#![expect(
    clippy::allow_attributes,
    reason = "`__stand_in!` is for models too, where the program decides what is used"
)]

use core::marker::PhantomData;

use super::parameters::{Nothing, Parameters, Path, Walk};
use super::{Backward, Fit, Initialize, Layer, Memory, Module, Needs};
use crate::device::Pass;
use crate::element::Float;
use crate::random::Random;
use crate::shape::{R0, R1, R3, Shape};

/// The type `K` of a field as it was written, layer or not: `F` is `fn() -> K`, which asks nothing of `K`.
pub struct Slot<F>(PhantomData<F>);

/// The layer for a slot: the type itself if `IS_LAYER`, else a stand-in.
pub trait Choose<const IS_LAYER: bool> {
    /// The layer.
    type Layer: Module;
}

impl<K: Module> Choose<true> for Slot<fn() -> K> {
    type Layer = K;
}

impl<F> Choose<false> for Slot<F> {
    type Layer = StandIn;
}

/// An inherent constant hides a trait's of the same name, but only where its bounds hold: that is how [`Otherwise`] is told
/// from this. The bounds are all that a complete layer has, for a few inputs and both kinds of numbers.
impl<K> Slot<fn() -> K>
where
    K: Module + Layer<R0> + Layer<R3<1, 1, 1>>,
    K::With<f64>: Layer<R1<1>>,
{
    /// It is.
    pub const IS_LAYER: bool = true;
}

impl<K: Module> Slot<fn() -> K> {
    /// It is one, though what its author wrote may be incomplete; that is said where it is written.
    pub const IS_MEANT_AS_LAYER: bool = true;
}

/// What the layer `K` is for inputs of the shape `I`, or a stand-in where its `impl Layer` is missing.
pub trait Complete<const HAS_LAYER: bool, K: Module, I: Shape> {
    /// The layer.
    type Layer: Layer<I> + Module<Element = K::Element, Gradient = K::Gradient>;
    /// The same value.
    fn itself(layer: &K) -> &Self::Layer;
}

impl<K: Module + Layer<I>, I: Shape> Complete<true, K, I> for Slot<fn() -> K> {
    type Layer = K;
    #[inline(always)]
    fn itself(layer: &K) -> &K {
        layer
    }
}

impl<K: Module, I: Shape> Complete<false, K, I> for Slot<fn() -> K> {
    type Layer = Incomplete<K>;
    fn itself(_: &K) -> &Incomplete<K> {
        &Incomplete(PhantomData)
    }
}

impl<K: Initialize> Slot<fn() -> K> {
    /// It says how its parameters begin.
    pub const BEGINS: bool = true;
}

/// How the layer `K` begins, or nothing where its `impl Initialize` is missing.
pub trait Begin<const BEGINS: bool, K> {
    /// Sets every number.
    fn begin(layer: &mut K, random: &mut Random);
}

impl<K: Initialize> Begin<true, K> for Slot<fn() -> K> {
    fn begin(layer: &mut K, random: &mut Random) {
        layer.initialize(random);
    }
}

impl<K> Begin<false, K> for Slot<fn() -> K> {
    fn begin(_: &mut K, _: &mut Random) {}
}

/// What a layer whose `impl Layer` is missing does: nothing.
#[repr(C)]
pub struct Incomplete<K>(PhantomData<fn() -> K>);

// SAFETY: it holds no numbers.
unsafe impl<K: Module> Parameters for Incomplete<K> {
    type Element = K::Element;
    const PARAMS: usize = 0;
    fn describe(_: &Path<'_>, _: &mut Walk<'_>) {}
}

impl<K: Module> Module for Incomplete<K> {
    type With<U: Float> = Incomplete<K::With<U>>;
    type Gradient = K::Gradient;
    type On<I: Shape> = Self;
    fn on<I: Shape>(&self) -> &Self {
        self
    }
    fn begin(&mut self, _: &mut Random) {}
}

impl<K: Module, I: Shape> Layer<I> for Incomplete<K> {
    type Out = I;
    const FIT: Fit = Fit::Unknown;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;
    fn forward<P: Pass>(&self, _: &mut P, _: &[K::Element], _: &mut [K::Element], _: Memory<'_, K::Element>) {
    }
    fn backward<P: Pass>(
        &self,
        _: &mut P,
        _: Backward<'_, K::Element>,
        _: Option<&mut K::Gradient>,
        _: Memory<'_, K::Element>,
    ) {
    }
}

/// As [`Choose`], for a field of a layer, which is made of numbers of the type `T`.
pub trait ChooseNumbers<const IS_NUMBERS: bool, T: Float> {
    /// The numbers.
    type Numbers: Parameters<Element = T>;
}

impl<K: Parameters<Element = T>, T: Float> ChooseNumbers<true, T> for Slot<fn() -> K> {
    type Numbers = K;
}

impl<F, T: Float> ChooseNumbers<false, T> for Slot<F> {
    type Numbers = Nothing<T>;
}

impl<K: Parameters<Element = f32>> Slot<fn() -> K> {
    /// It is made of numbers.
    pub const IS_NUMBERS: bool = true;
}

/// What is said of every type that isn't a layer.
pub trait Otherwise {
    /// It isn't.
    const IS_LAYER: bool = false;
    /// It isn't meant as one either.
    const IS_MEANT_AS_LAYER: bool = false;
    /// Nor is it made of numbers.
    const IS_NUMBERS: bool = false;
    /// Nor does it say how it begins.
    const BEGINS: bool = false;
}

impl<F> Otherwise for Slot<F> {}

/// A layer of nothing, which gives what it takes.
#[repr(C)]
pub struct StandIn<T: Float = f32>([T; 0]);

crate::__stand_in!(StandIn [] [] [] [()] [0]);
