//! What stands in where a layer was expected and isn't there, so that one mistake stays one error.
//!
//! `#[model]` puts each field's type into a [`Slot`]. Where the type is a layer, the slot chooses it; where it isn't, a stand-in
//! that takes everything, so that nothing built on the model fails too, and the one error is under the field's type.

#![expect(
    clippy::allow_attributes,
    reason = "`__stand_in!` is for models too, where the program decides what is used"
)]

use core::marker::PhantomData;

use super::{Initialize, Layer, Module, Parameters};
use crate::element::Float;
use crate::shape::{R0, R1, R3};

/// The type of a field as it was written, layer or not.
pub struct Slot<K: ?Sized>(PhantomData<K>);

/// The layer for a slot: the type itself if `IS_LAYER`, else a stand-in.
pub trait Choose<const IS_LAYER: bool> {
    /// The layer.
    type Layer: Module;
}

impl<K: Module> Choose<true> for Slot<K> {
    type Layer = K;
}

impl<K: ?Sized> Choose<false> for Slot<K> {
    type Layer = StandIn;
}

/// An inherent constant hides a trait's of the same name, but only where its bounds hold: that is how [`Otherwise`] is told
/// from this. The bounds are all that a complete layer has, for a few inputs and both kinds of numbers.
impl<K> Slot<K>
where
    K: Module + Initialize + Parameters + Layer<R0> + Layer<R3<1, 1, 1>>,
    K::With<f64>: Layer<R1<1>>,
{
    /// It is.
    pub const IS_LAYER: bool = true;
}

/// What is said of every type that isn't a layer.
pub trait Otherwise {
    /// It isn't.
    const IS_LAYER: bool = false;
}

impl<K: ?Sized> Otherwise for Slot<K> {}

/// A layer of nothing, which gives what it takes.
#[repr(C)]
pub struct StandIn<T: Float = f32>([T; 0]);

crate::__stand_in!(StandIn [] [] []);
