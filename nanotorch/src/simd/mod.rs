//! Many numbers in one instruction: one trait for a register, one file for each instruction set, one place that chooses.
//!
//! An algorithm is written once, generic over [`Simd`] and [`Float`](crate::element::Float), with registers of type
//! [`Vector`]; [`dispatch`] runs it with the best instruction set of the machine. Everything between `dispatch` and the
//! arithmetic is `#[inline(always)]`, so that it is compiled for the chosen set; a part that should be one function shared by
//! many callers goes through [`Simd::vectorize`].
//!
//! Here belong registers and the choice of an instruction set. Algorithms over slices are [`crate::kernel`].
//!
//! ```
//! use nanotorch::element::Float;
//! use nanotorch::simd::{Simd, Vector, WithSimd, dispatch};
//!
//! struct Square<'a>(&'a mut [f32]);
//! impl WithSimd for Square<'_> {
//!     type Output = ();
//!     #[inline(always)]
//!     fn run<S: Simd>(self, simd: S) {
//!         for chunk in self.0.chunks_mut(S::F32::LANES) {
//!             let x = S::F32::load_partial(simd, chunk, 0.0);
//!             (x * x).store_partial(chunk);
//!         }
//!     }
//! }
//! let mut numbers = [1.0, 2.0, 3.0];
//! dispatch(Square(&mut numbers));
//! assert_eq!(numbers, [1.0, 4.0, 9.0]);
//! ```

mod dispatch;
mod dual;
pub mod element;
mod operators;
mod register;
mod vector;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;

#[cfg(test)]
mod tests;

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub use avx512::Avx512;
pub use dispatch::{Isa, MissingIsa, WithSimd, dispatch, dispatch_on, for_each_isa, select_isa};
pub use dual::Dual;
#[cfg(target_arch = "aarch64")]
pub use neon::Neon;
pub use scalar::Scalar;
pub use vector::{Mask, Tables, Vector};

/// An instruction set. A value of it is the proof that the machine has it: it can't be had without asking.
pub trait Simd: Copy + Send + Sync + core::fmt::Debug + 'static {
    /// Its name, as in [`Isa::name`], which no other has.
    const NAME: &'static str;
    /// How many registers the widest vectors have; what a kernel's tile has to fit in.
    const REGISTERS: usize;
    /// A register of `f32`.
    type F32: Vector<Scalar = f32, Isa = Self>;
    /// A register of `f64`.
    type F64: Vector<Scalar = f64, Isa = Self>;

    /// Runs `work` inside a function that is compiled for this instruction set.
    ///
    /// What `work` calls is compiled for it too if it is `#[inline(always)]`; write the closure as
    /// `#[inline(always)] || ..`, which is allowed on an argument.
    fn vectorize<R>(self, work: impl FnOnce() -> R) -> R;
}

/// The register of the instruction set `S` that holds numbers of type `T`.
pub type VectorOf<S, T> = <T as crate::element::Float>::Vector<S>;

/// Asks for the line of memory at `address` to be brought near, to be written. Any address is allowed; it isn't accessed.
#[inline(always)]
pub fn prefetch<T>(address: *const T) {
    // SAFETY: a prefetch has no effect on the program, whatever the address; every x86-64 machine has the instruction.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Asks for the line of memory at `address` to be brought into the second level of the cache. Any address is allowed.
#[inline(always)]
pub fn prefetch_far<T>(address: *const T) {
    // SAFETY: as in `prefetch`.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T1 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
