//! The algorithms: slices in, slices out, each written once for every instruction set and precision.
//!
//! Here belong loops over numbers in memory. What a register can do is [`crate::simd`]; what the numbers mean (shapes, layers,
//! losses) is above.

#[cfg(feature = "convolution")]
pub mod batch_normalize;
pub(crate) mod compiled;
#[cfg(feature = "convolution")]
pub mod convolution;
pub mod cross_entropy;
pub mod finish;
pub(crate) mod flat;
pub mod gemm;
pub mod loss;
pub mod map;
pub mod math;
pub mod normalize;
#[cfg(feature = "convolution")]
pub mod pool;
pub mod reduce;
pub mod softmax;
mod span;
pub mod update;
#[cfg(feature = "convolution")]
pub mod window;

/// Whether a kernel's result replaces what is in memory or is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accumulate {
    /// It replaces it.
    Replace,
    /// It is added.
    Add,
}

impl Accumulate {
    /// `target = value` or `target += value`.
    ///
    /// ```
    /// use nanotorch::kernel::Accumulate;
    /// let mut gradient = 2.0;
    /// Accumulate::Add.store(&mut gradient, 0.5);
    /// assert_eq!(gradient, 2.5);
    /// Accumulate::Replace.store(&mut gradient, 0.5);
    /// assert_eq!(gradient, 0.5);
    /// ```
    #[inline(always)]
    pub fn store<T: crate::element::Float>(self, target: &mut T, value: T) {
        match self {
            Accumulate::Replace => *target = value,
            Accumulate::Add => *target += value,
        }
    }
}
