//! nanotorch: deep learning in which the compiler does the framework's work.
#![cfg_attr(not(feature = "std"), no_std)]
#[cfg(feature = "alloc")]
extern crate alloc;
// The macros write paths that begin with the crate's name, in this crate too.
extern crate self as nanotorch;

#[cfg(feature = "alloc")]
pub mod data;
pub mod device;
pub mod element;
pub mod extent;
pub mod kernel;
pub mod layer;
pub mod loss;
pub mod message;
pub mod model;
pub mod op;
pub mod optimizer;
pub mod random;
#[cfg(feature = "alloc")]
pub mod recorder;
#[cfg(feature = "alloc")]
pub mod run;
pub mod shape;
pub mod simd;
#[cfg(feature = "alloc")]
pub mod summary;

pub use nanotorch_macros::{layer, model};

/// What most programs use.
pub mod prelude {
    pub use crate::element::Float;
    pub use crate::layer::*;
    pub use crate::model::{Initialize, Layer, Model, Module, Parameters};
    pub use crate::random::Random;
    pub use crate::shape::{Const, R0, R1, R2, R3, R4, R5, R6, Shape, UpTo};
    pub use crate::{layer, model, shape};
}

/// Its content if there is an allocator.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "alloc")]
macro_rules! __if_alloc {
    ($($item:item)*) => { $($item)* };
}
/// Nothing, for there is no allocator.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "alloc"))]
macro_rules! __if_alloc {
    ($($item:item)*) => {};
}
#[doc(hidden)]
#[cfg(feature = "alloc")]
pub use alloc::boxed::Box as __Box;

/// What a struct with a mistake in it is replaced by: a model of nothing, so that its uses are no further errors.
#[doc(hidden)]
#[macro_export]
macro_rules! __stand_in {
    ($name:ident) => {
        const _: () = {
            // SAFETY: an empty array of elements.
            unsafe impl<T: $crate::element::Float> $crate::model::Parameters for $name<T> {
                type Element = T;
                fn describe(_: &$crate::model::Path<'_>, _: &mut $crate::model::Walk<'_>) {}
            }
            impl<T: $crate::element::Float> $crate::model::Initialize for $name<T> {
                fn initialize(&mut self, _: &mut $crate::random::Random) {}
            }
            impl<T: $crate::element::Float> $crate::model::Module for $name<T> {
                type With<U: $crate::element::Float> = $name<U>;
                type Gradient = Self;
                type On<I: $crate::shape::Shape> = Self;
                fn on<I: $crate::shape::Shape>(&self) -> &Self {
                    self
                }
            }
            impl<T: $crate::element::Float, I: $crate::shape::Shape> $crate::model::Layer<I> for $name<T> {
                type Out = I;
                const FLOPS: usize = 0;
                const NEEDS: $crate::model::Needs = $crate::model::Needs::NOTHING;
                fn forward<P: $crate::device::Pass>(
                    &self,
                    _: &mut P,
                    _: &[T],
                    _: &mut [T],
                    _: $crate::model::Memory<'_, T>,
                ) {
                }
                fn backward<P: $crate::device::Pass>(
                    &self,
                    _: &mut P,
                    _: $crate::model::Backward<'_, T>,
                    _: Option<&mut Self>,
                    _: $crate::model::Memory<'_, T>,
                ) {
                }
            }
            impl<T: $crate::element::Float> $crate::model::Model for $name<T> {
                type Input = ();
            }
            #[allow(dead_code, reason = "it only stands in")]
            impl $name<f32> {
                pub const PARAMS: usize = 0;
                pub const FLOPS: usize = 0;
                pub const INPUT: &'static [usize] = &[];
                pub const OUTPUT: &'static [usize] = &[];
                pub const INFER_BYTES: usize = 0;
                pub const TRAIN_BYTES: usize = 0;
                pub const fn infer_bytes(_: usize) -> usize {
                    0
                }
                pub const fn train_bytes(_: usize) -> usize {
                    0
                }
            }
            $crate::__if_alloc! {
                #[allow(dead_code, reason = "it only stands in")]
                impl $name<f32> {
                    pub fn new(seed: u64) -> $crate::__Box<Self> {
                        $crate::model::new(seed)
                    }
                }
            }
        };
    };
}
