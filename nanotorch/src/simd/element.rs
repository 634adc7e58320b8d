//! The numbers that tensors are made of: [`Element`] is anything that can be stored, [`Float`] is what can be trained.
//!
//! Here belong facts of a single number. Arithmetic on many at a time is [`crate::simd`].

use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::simd::{Simd, Vector};

/// A number or truth value that a tensor can hold: plain bytes, no padding, valid if they are all 0.
pub trait Element:
    bytemuck::NoUninit
    + bytemuck::Zeroable
    + PartialEq
    + PartialOrd
    + Debug
    + Display
    + Default
    + Send
    + Sync
    + 'static
{
    /// The Rust name of the type, as in messages and file headers.
    const NAME: &'static str;
    /// The same number in the widest type of its kind; exact.
    fn widen(self) -> Wide;
    /// The number as this type, by the rules of Rust's `as`: floats are rounded to the nearest or, on the way to an integer,
    /// towards 0 and into its range (NaN to 0); integers lose their upper bits.
    fn narrow(number: Wide) -> Self;
}

/// A number of any element type, in the widest type of its kind: the way from each type to each other one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wide {
    /// Of a floating-point type.
    Float(f64),
    /// Of a signed integer type.
    Signed(i64),
    /// Of an unsigned integer type.
    Unsigned(u64),
}

macro_rules! elements {
    ($Kind:ident($wide:ident): $($scalar:ident),*) => {
        $(impl Element for $scalar {
            const NAME: &'static str = stringify!($scalar);
            #[inline(always)]
            fn widen(self) -> Wide {
                Wide::$Kind($wide::from(self))
            }
            #[inline(always)]
            fn narrow(number: Wide) -> Self {
                match number {
                    Wide::Float(number) => number as $scalar,
                    Wide::Signed(number) => number as $scalar,
                    Wide::Unsigned(number) => number as $scalar,
                }
            }
        })*
    };
}
elements!(Float(f64): f32, f64);
elements!(Signed(i64): i8, i16, i32, i64);
elements!(Unsigned(u64): u8, u16, u32, u64);

#[cfg(feature = "half")]
macro_rules! short_float {
    ($($short:ident)*) => {
        $(
            /// To be stored and converted; arithmetic is done in a wider type.
            impl Element for half::$short {
                const NAME: &'static str = stringify!($short);
                #[inline(always)]
                fn widen(self) -> Wide {
                    Wide::Float(self.to_f64())
                }
                #[inline(always)]
                fn narrow(number: Wide) -> Self {
                    Self::from_f64(match number {
                        Wide::Float(number) => number,
                        Wide::Signed(number) => number as f64,
                        Wide::Unsigned(number) => number as f64,
                    })
                }
            }
        )*
    };
}
#[cfg(feature = "half")]
short_float!(f16 bf16);

/// As a number it is 0 or 1; any other number than 0 is true.
impl Element for bool {
    const NAME: &'static str = "bool";
    #[inline(always)]
    fn widen(self) -> Wide {
        Wide::Unsigned(self.into())
    }
    #[inline(always)]
    fn narrow(number: Wide) -> Self {
        match number {
            Wide::Float(number) => number != 0.0,
            Wide::Signed(number) => number != 0,
            Wide::Unsigned(number) => number != 0,
        }
    }
}

/// A floating-point number: the elements of parameters, activations and gradients.
///
/// ```
/// use nanotorch::element::Float;
/// fn mean<T: Float>(numbers: &[T]) -> T {
///     let mut sum = T::ZERO;
///     for &number in numbers {
///         sum += number;
///     }
///     sum / T::from_usize(numbers.len())
/// }
/// assert_eq!(mean(&[1.0_f32, 2.0, 6.0]), 3.0);
/// ```
pub trait Float:
    Element
    + bytemuck::Pod
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The gap between 1 and the next larger number.
    const EPSILON: Self;
    /// The smallest positive number of full precision.
    const MIN_POSITIVE: Self;
    /// The largest finite number.
    const MAX: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// Negative infinity.
    const NEG_INFINITY: Self;
    /// A quiet NaN.
    const NAN: Self;
    /// Bits of the stored fraction: 23 for `f32`, 52 for `f64`.
    const FRACTION_BITS: u32;
    /// Whether it is `f32`. What programs do with that is compiled in this crate, where it doesn't depend on more than the type.
    const IS_F32: bool = false;

    /// As many of these numbers as one register of the instruction set `S` holds.
    type Vector<S: Simd>: Vector<Scalar = Self, Isa = S>;

    /// The same numbers, known to be `f32`; none if they aren't.
    #[inline(always)]
    fn f32s(numbers: &[Self]) -> &[f32] {
        let _ = numbers;
        &[]
    }
    /// The same, to be changed.
    #[inline(always)]
    fn f32s_mut(numbers: &mut [Self]) -> &mut [f32] {
        let _ = numbers;
        &mut []
    }
    /// The nearest number of this type.
    fn from_f64(number: f64) -> Self;
    /// The same number in `f64`; exact.
    fn to_f64(self) -> f64;
    /// The nearest number of this type.
    fn from_usize(number: usize) -> Self;
    /// The bits of its representation.
    fn to_bits(self) -> u64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Not a number.
    fn is_nan(self) -> bool;
    /// |x|.
    fn abs(self) -> Self;
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// `self` where `self > other`, else `other` (so: `other` where either is NaN), as in [`Vector::max`].
    fn max(self, other: Self) -> Self;
    /// `self` where `self < other`, else `other` (so: `other` where either is NaN), as in [`Vector::min`].
    fn min(self, other: Self) -> Self;
    /// `self * factor + addend`, rounded once. Without hardware support this is a slow library call.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
}

macro_rules! float {
    ($scalar:ident, $vector:ident, $sqrt:path, $fma:path $(, { $($own:tt)* })?) => {
        impl Float for $scalar {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EPSILON: Self = $scalar::EPSILON;
            const MIN_POSITIVE: Self = $scalar::MIN_POSITIVE;
            const MAX: Self = $scalar::MAX;
            const INFINITY: Self = $scalar::INFINITY;
            const NEG_INFINITY: Self = $scalar::NEG_INFINITY;
            const NAN: Self = $scalar::NAN;
            const FRACTION_BITS: u32 = $scalar::MANTISSA_DIGITS - 1;

            type Vector<S: Simd> = S::$vector;
            $($($own)*)?

            #[inline(always)]
            fn from_f64(number: f64) -> Self {
                number as $scalar
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn from_usize(number: usize) -> Self {
                number as $scalar
            }
            #[inline(always)]
            fn to_bits(self) -> u64 {
                $scalar::to_bits(self).into()
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $scalar::is_finite(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $scalar::is_nan(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $scalar::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $sqrt(self)
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                if self > other { self } else { other }
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                if self < other { self } else { other }
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                $fma(self, factor, addend)
            }
        }
    };
}

macro_rules! single {
    ($sqrt:path, $fma:path) => {
        float!(f32, F32, $sqrt, $fma, {
            const IS_F32: bool = true;
            #[inline(always)]
            fn f32s(numbers: &[f32]) -> &[f32] {
                numbers
            }
            #[inline(always)]
            fn f32s_mut(numbers: &mut [f32]) -> &mut [f32] {
                numbers
            }
        });
    };
}

#[cfg(feature = "std")]
single!(f32::sqrt, f32::mul_add);
#[cfg(feature = "std")]
float!(f64, F64, f64::sqrt, f64::mul_add);
#[cfg(not(feature = "std"))]
single!(libm::sqrtf, libm::fmaf);
#[cfg(not(feature = "std"))]
float!(f64, F64, libm::sqrt, libm::fma);
