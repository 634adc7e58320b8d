//! Elementary functions of all lanes of a register at once, in single and double precision.
//!
//! Each is written once for every instruction set and both precisions, without a branch; see the functions for their bounds.
//!
//! Largest errors found, in units of the last place:
//!
//! | | `f32`, all 2^32 numbers (*: every 61st), AVX-512 | `f64`, 4000 numbers against 60 digits, AVX-512 |
//! | --- | --- | --- |
//! | `exp` | 1.04 | 0.88 |
//! | `exp2` | 0.92 | 0.74 |
//! | `expm1` | 1.54 | 1.33 |
//! | `log` | 0.88 | 0.73 |
//! | `log1p` | 1.47 | 0.73 |
//! | `tanh` | 1.01 | 1.39 |
//! | `sigmoid` | 1.67 | 1.40 |
//! | `erf` | 1.19 * | 0.90 |
//! | `gelu` | 3.31 * | 3.37 |
//! | `gelu_tanh` | 3.01 * | 2.53 |
//! | `silu` | 2.92 * | 2.47 |
//! | `softplus` | 1.74 | 1.48 |
//!
//! A test goes through a sample of all `f32`; the same test over all of them is run by hand, in a release build:
//! `cargo test --release -p nanotorch --lib everywhere -- --ignored --nocapture`.

mod exponential;
mod hyperbolic;
mod logarithm;
mod normal;
mod pieces;
mod table;
#[cfg(test)]
mod tests;
mod trigonometric;

pub use exponential::{exp, exp_or_zero, exp2, expm1};
pub use hyperbolic::{gelu_tanh, gelu_tanh_derivative, sigmoid, silu, tanh};
pub use logarithm::{log, log1p, softplus};
pub use normal::{erf, gelu, gelu_derivative};
pub use trigonometric::{acos, asin, atan, cos, cosh, sin, sinh, tan};
