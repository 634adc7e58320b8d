//! nanotorch: deep learning in which the compiler does the framework's work.
#![cfg_attr(not(feature = "std"), no_std)]
#[cfg(feature = "alloc")]
extern crate alloc;

pub mod element;
pub mod extent;
pub mod kernel;
pub mod random;
pub mod simd;
