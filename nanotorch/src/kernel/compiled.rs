//! Work on `f32` that is compiled in this crate, once for each instruction set, rather than in every program that needs it.
//!
//! A generic function is compiled anew in each program, and again for each place that it becomes part of. What is long, and
//! does more than it costs to call, is better there once: programs are compiled faster and are smaller, and they are fast
//! even where they themselves aren't optimised, if only this crate is.

use core::mem::{ManuallyDrop, transmute_copy};

use crate::element::Float;
use crate::simd::Simd;

/// Adds `call` to a [`WithSimd`](crate::simd::WithSimd) of one lifetime and one type of numbers: it is `run`, compiled in this
/// crate for `f32`, and where it is called for others. With a feature's name it is so only with that feature, so that programs
/// that never call it needn't wait for it.
macro_rules! compiled {
    ($Work:ident $(, $feature:literal)?) => {
        const _: () = {
            $(#[cfg(feature = $feature)])?
            use crate::kernel::compiled::{is, is_named, same};
            $(#[cfg(feature = $feature)])?
            #[cfg(target_arch = "aarch64")]
            use crate::simd::Neon;
            $(#[cfg(feature = $feature)])?
            use crate::simd::Scalar;
            $(#[cfg(feature = $feature)])?
            #[cfg(target_arch = "x86_64")]
            use crate::simd::{Avx2, Avx512};
            use crate::simd::{Simd, WithSimd};

            type Output<'a, T> = <$Work<'a, T> as WithSimd>::Output;

            $(#[cfg(feature = $feature)])?
            macro_rules! function {
                ($name:ident, $Isa:ident) => {
                    #[inline(never)]
                    fn $name<'a>(simd: $Isa, work: $Work<'a, f32>) -> Output<'a, f32> {
                        simd.vectorize(
                            #[inline(always)]
                            || work.run(simd),
                        )
                    }
                };
            }
            $(#[cfg(feature = $feature)])?
            #[cfg(target_arch = "x86_64")]
            function!(avx512, Avx512);
            $(#[cfg(feature = $feature)])?
            #[cfg(target_arch = "x86_64")]
            function!(avx2, Avx2);
            $(#[cfg(feature = $feature)])?
            #[cfg(target_arch = "aarch64")]
            function!(neon, Neon);
            $(#[cfg(feature = $feature)])?
            function!(scalar, Scalar);

            impl<'a, T: crate::element::Float> $Work<'a, T> {
                /// Runs it in a function that is shared by all who call it.
                #[inline(always)]
                pub(crate) fn call<S: Simd>(self, simd: S) -> Output<'a, T> {
                    $(#[cfg(feature = $feature)])?
                    macro_rules! try_function {
                        ($name:ident, $Isa:ident) => {
                            // By name first, which is a constant: so that no code is made for what isn't reached.
                            if const { is_named::<S, T, $Isa, f32>() } {
                                assert!(is::<(S, T), ($Isa, f32)>(), "two instruction sets of one name");
                                // SAFETY: the types are the same, as just checked, and so are those made of them.
                                return unsafe {
                                    same::<Output<'a, f32>, Output<'a, T>>($name(
                                        same::<S, $Isa>(simd),
                                        same::<Self, $Work<'a, f32>>(self),
                                    ))
                                };
                            }
                        };
                    }
                    $(#[cfg(feature = $feature)])?
                    #[cfg(target_arch = "x86_64")]
                    try_function!(avx512, Avx512);
                    $(#[cfg(feature = $feature)])?
                    #[cfg(target_arch = "x86_64")]
                    try_function!(avx2, Avx2);
                    $(#[cfg(feature = $feature)])?
                    #[cfg(target_arch = "aarch64")]
                    try_function!(neon, Neon);
                    $(#[cfg(feature = $feature)])?
                    try_function!(scalar, Scalar);
                    simd.vectorize(
                        #[inline(always)]
                        || self.run(simd),
                    )
                }
            }
        };
    };
}
pub(crate) use compiled;

/// Whether an instruction set and a number have the names of others.
pub(crate) const fn is_named<S: Simd, T: Float, Isa: Simd, U: Float>() -> bool {
    equal(S::NAME, Isa::NAME) && equal(T::NAME, U::NAME)
}

const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}

/// Whether two types are the same; known when the program is compiled.
#[inline(always)]
pub(crate) fn is<A: 'static, B: 'static>() -> bool {
    core::any::TypeId::of::<A>() == core::any::TypeId::of::<B>()
}

/// A value, by another name of its type.
/// # Safety
/// `A` and `B` are the same type, but for lifetimes.
#[inline(always)]
pub(crate) unsafe fn same<A, B>(value: A) -> B {
    let value = ManuallyDrop::new(value);
    // SAFETY: the types are the same, and the original is forgotten.
    unsafe { transmute_copy(&*value) }
}
