//! nanotorch: deep learning in which the compiler does the framework's work.
#![cfg_attr(not(feature = "std"), no_std)]
#[cfg(feature = "alloc")]
extern crate alloc;
// The macros write paths that begin with the crate's name, in this crate too.
extern crate self as nanotorch;

// The architecture: a module imports only what is above it in this list, and a test sees to that.
//
// Numbers, and many of them in one instruction.
pub mod extent;
pub mod random;
pub mod simd;
pub use simd::element;
// Algorithms on slices.
pub mod kernel;
// Shapes as types, sentences about them, and memory.
pub mod shape;
pub mod computed;
pub mod message;
#[cfg(feature = "alloc")]
mod storage;
// Samples, and files of them.
#[cfg(feature = "alloc")]
pub mod data;
// What there is to compute, and on what.
pub mod device;
pub mod op;
// Layers and models.
pub mod model;
pub mod graph;
pub mod layer;
// Numbers in memory, with a shape.
#[cfg(feature = "alloc")]
pub mod tensor;
// Which way is down, and how far to go.
pub mod loss;
pub mod optimizer;
pub mod schedule;
// Models in files.
#[cfg(feature = "alloc")]
pub mod checkpoint;
// Models at work.
#[cfg(feature = "alloc")]
pub mod run;
#[cfg(feature = "alloc")]
pub mod gradcheck;
#[cfg(feature = "alloc")]
pub mod recorder;
#[cfg(feature = "alloc")]
pub mod summary;
#[cfg(feature = "train")]
pub mod train;

pub use nanotorch_macros::{__derive_forward, forward, layer, model};

/// What most programs use.
pub mod prelude {
    pub use crate::element::Float;
    pub use crate::layer::*;
    pub use crate::model::{Initialize, Layer, Model, Module, Parameters};
    pub use crate::random::Random;
    pub use crate::shape::{Const, R0, R1, R2, R3, R4, R5, R6, Shape, UpTo};
    #[cfg(feature = "alloc")]
    pub use crate::tensor::{Tensor, View};
    pub use crate::{forward, layer, model, shape};
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
