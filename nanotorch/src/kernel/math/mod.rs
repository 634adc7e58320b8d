//! Elementary functions of all lanes of a register at once, in single and double precision.
//!
//! Each is written once for every instruction set and both precisions; see the functions for their bounds. What is rare (far
//! tails, subnormal numbers) is computed apart, where some lane needs it; a lane's value never depends on the others.
//!
//! Largest errors, in units of the last place (*fused*: AVX-512, AVX2 and NEON, which multiply and add with one rounding; *scalar*
//! rounds twice):
//!
//! | | `f32`, all 2^32 numbers, fused | at | each 7th or 61st (`sigmoid`: all), scalar | at | `f64`, dense samples, fused | scalar |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | `exp` | 0.91 | 59.301666 | 1.18 | 15.633592 | 0.75 | 0.98 |
//! | `exp2` | 0.92 | -126.42516 | 1.16 | -0.49965808 | 0.80 | 1.07 |
//! | `expm1` | 1.54 | 0.38364598 | 1.65 | 0.3885474 | 1.59 | 1.63 |
//! | `log` | 0.93 | 0.37439072 | 1.07 | 3119820.8 | 0.75 | 0.75 |
//! | `log2` | 1.77 | 0.7112654 | 2.36 | 0.7273166 | 1.21 | 1.31 |
//! | `log1p` | 1.27 | 0.49999997 | 1.07 | 3116245.5 | 1.19 | 1.19 |
//! | `tanh` | 1.39 | -0.6042347 | 1.43 | -0.6030695 | 1.55 | 1.63 |
//! | `sigmoid` | 1.65 | -1.0993261 | 1.98 | -1.1461681 | 1.48 | 1.54 |
//! | `silu` | 3.34 | -5.9388933 | 3.22 | -3.217294 | 2.02 | 2.09 |
//! | `softplus` | 1.68 | -0.43758747 | 1.74 | -0.4553756 | 1.49 | 1.49 |
//! | `erf` | 0.90 | -2.2130158 | 1.06 | -0.26491514 | 0.87 | 1.01 |
//! | `gelu` | 3.28 | -8.462301 | 3.98 | -11.87564 | 3.99 | 4.93 |
//! | `gelu_tanh` | 2.86 | -4.560119 | 3.74 | -4.560728 | 2.19 | 2.30 |
//!
//! Tests hold the table to a sample of all `f32`, to the places given in it, and to the samples in `f64`, whose twins are computed
//! to twice the precision. All numbers are gone through by hand, in a release build, which prints the table:
//! `cargo test --release -p nanotorch --lib everywhere -- --ignored --nocapture`.

mod exponential;
mod hyperbolic;
mod logarithm;
mod normal;
mod picked;
mod pieces;
mod power;
mod table;
#[cfg(test)]
mod tests;
mod trigonometric;

pub use exponential::{exp, exp_or_zero, exp2, expm1};
pub use hyperbolic::{gelu_tanh, gelu_tanh_derivative, sigmoid, silu, tanh};
pub use logarithm::{log, log1p, log2, softplus};
pub use normal::{erf, gelu, gelu_derivative};
pub use power::pow;
pub use trigonometric::{acos, asin, atan, cos, cosh, sin, sinh, tan};
