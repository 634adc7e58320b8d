//! Elementary functions of all lanes of a register at once, in single and double precision.
//!
//! Each is written once for every instruction set and both precisions, without a branch; see the functions for their bounds.

mod exponential;
mod hyperbolic;
mod logarithm;
mod normal;
mod table;
#[cfg(test)]
mod tests;

pub use exponential::{exp, exp_or_zero, exp2, expm1};
pub use hyperbolic::{gelu_tanh, gelu_tanh_derivative, sigmoid, silu, tanh};
pub use logarithm::{log, log1p, softplus};
pub use normal::{erf, gelu, gelu_derivative};
