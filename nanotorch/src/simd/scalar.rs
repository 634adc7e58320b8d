//! No vectors: one lane, for every machine, and under Miri.

use generic_array::typenum::U1;

use super::{Mask, Simd, Vector};

/// One number at a time. Its `mul_add` is a multiplication and an addition, each rounded: a fused one without hardware for it
/// is a library call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar;

impl Simd for Scalar {
    const NAME: &'static str = "scalar";
    const REGISTERS: usize = 16;
    type F32 = F32;
    type F64 = F64;
    #[inline(always)]
    fn vectorize<R>(self, work: impl FnOnce() -> R) -> R {
        // A function of its own as with every instruction set: shared by its callers, and off their stack.
        #[inline(never)]
        fn inside<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        inside(work)
    }
}

impl Mask for bool {
    #[inline(always)]
    fn any(self) -> bool {
        self
    }
    #[inline(always)]
    fn all(self) -> bool {
        self
    }
}

macro_rules! scalar {
    ($vector:ident, $scalar:ident, $bits:ident, $floor:path, $round:path, $bias:literal) => {
        /// One number.
        #[derive(Clone, Copy, Debug)]
        pub struct $vector($scalar);

        scalar!(@operator $vector, Add, add, +, AddAssign, add_assign);
        scalar!(@operator $vector, Sub, sub, -, SubAssign, sub_assign);
        scalar!(@operator $vector, Mul, mul, *, MulAssign, mul_assign);
        scalar!(@operator $vector, Div, div, /, DivAssign, div_assign);
        impl core::ops::Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }

        impl $vector {
            /// What the bits of a number change by when it is multiplied by 2^n.
            #[inline(always)]
            fn exponent_bits(shifted: Self) -> $bits {
                shifted.0.to_bits() << ($scalar::MANTISSA_DIGITS - 1)
            }
        }

        impl Vector for $vector {
            type Scalar = $scalar;
            type Isa = Scalar;
            type Lanes = U1;
            type Mask = bool;
            const LANES: usize = 1;

            #[inline(always)]
            fn isa(self) -> Scalar {
                Scalar
            }
            #[inline(always)]
            fn splat(_: Scalar, number: $scalar) -> Self {
                Self(number)
            }
            #[inline(always)]
            unsafe fn load_pointer(_: Scalar, source: *const $scalar) -> Self {
                // SAFETY: the caller says that one number can be read.
                Self(unsafe { source.read() })
            }
            #[inline(always)]
            unsafe fn store_pointer(self, target: *mut $scalar) {
                // SAFETY: the caller says that one number can be written.
                unsafe { target.write(self.0) }
            }
            #[inline(always)]
            unsafe fn load_partial_pointer(
                _: Scalar,
                source: *const $scalar,
                count: usize,
                fill: Self,
            ) -> Self {
                // SAFETY: the caller says that `count` numbers can be read.
                if count == 0 { fill } else { Self(unsafe { source.read() }) }
            }
            #[inline(always)]
            unsafe fn store_partial_pointer(self, target: *mut $scalar, count: usize) {
                if count != 0 {
                    // SAFETY: the caller says that `count` numbers can be written.
                    unsafe { target.write(self.0) }
                }
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                Self(self.0 * factor.0 + addend.0)
            }
            #[inline(always)]
            fn neg_mul_add(self, factor: Self, addend: Self) -> Self {
                Self(addend.0 - self.0 * factor.0)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Self(self.0.abs())
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(crate::element::Float::sqrt(self.0))
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                Self(crate::element::Float::max(self.0, other.0))
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                Self(crate::element::Float::min(self.0, other.0))
            }
            #[inline(always)]
            fn floor(self) -> Self {
                Self($floor(self.0))
            }
            #[inline(always)]
            fn round_ties_even(self) -> Self {
                Self($round(self.0))
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                Self(self.0.copysign(sign.0))
            }
            #[inline(always)]
            fn lt(self, other: Self) -> bool {
                self.0 < other.0
            }
            #[inline(always)]
            fn le(self, other: Self) -> bool {
                self.0 <= other.0
            }
            #[inline(always)]
            fn gt(self, other: Self) -> bool {
                self.0 > other.0
            }
            #[inline(always)]
            fn ge(self, other: Self) -> bool {
                self.0 >= other.0
            }
            #[inline(always)]
            fn eq(self, other: Self) -> bool {
                self.0 == other.0
            }
            #[inline(always)]
            fn select(mask: bool, yes: Self, no: Self) -> Self {
                if mask { yes } else { no }
            }
            #[inline(always)]
            fn scale_by_power_of_two(self, n: Self) -> Self {
                // Two factors, since 2^n alone may be out of range where the product isn't. 2 * (1 - bias) and 2 * bias bound
                // what two normal powers of two can reach.
                let n = n.0.clamp(2.0 * (1.0 - $bias), 2.0 * $bias);
                let half = $round(0.5 * n);
                let power = |n: $scalar| $scalar::from_bits(((n + $bias) as $bits) << ($scalar::MANTISSA_DIGITS - 1));
                Self(self.0 * power(half) * power(n - half))
            }
            #[inline(always)]
            fn scale_by_shifted(self, shifted: Self) -> Self {
                let one: $scalar = 1.0;
                Self(self.0 * $scalar::from_bits(one.to_bits().wrapping_add(Self::exponent_bits(shifted))))
            }
            #[inline(always)]
            fn scale_down_by_shifted(self, shifted: Self) -> Self {
                // By a normal power of two, and then by one that rounds.
                const DOWN: $scalar = $scalar::EPSILON * $scalar::EPSILON;
                let lifted = (1.0 / DOWN).to_bits().wrapping_add(Self::exponent_bits(shifted));
                Self(self.0 * $scalar::from_bits(lifted) * DOWN)
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                const FRACTION: u32 = $scalar::MANTISSA_DIGITS - 1;
                // A subnormal is made normal first.
                let lift: $scalar = if self.0 < $scalar::MIN_POSITIVE { FRACTION as $scalar + 1.0 } else { 0.0 };
                let scale: $scalar = if self.0 < $scalar::MIN_POSITIVE { 2.0 / $scalar::EPSILON } else { 1.0 };
                let bits = (self.0 * scale).to_bits();
                let exponent = (bits >> FRACTION) as $scalar - $bias - lift;
                let one: $scalar = 1.0;
                (Self($scalar::from_bits(bits & ((1 << FRACTION) - 1) | one.to_bits())), Self(exponent))
            }
            #[inline(always)]
            fn exchange(self, other: Self, _: usize) -> (Self, Self) {
                (self, other)
            }
            #[inline(always)]
            fn sum(self) -> $scalar {
                self.0
            }
            #[inline(always)]
            fn maximum(self) -> $scalar {
                self.0
            }
        }
    };
    (@operator $vector:ident, $operator:ident, $name:ident, $sign:tt, $assigning:ident, $assign:ident) => {
        impl core::ops::$operator for $vector {
            type Output = Self;
            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                Self(self.0 $sign other.0)
            }
        }
        impl core::ops::$assigning for $vector {
            #[inline(always)]
            fn $assign(&mut self, other: Self) {
                self.0 = self.0 $sign other.0;
            }
        }
    };
}

#[cfg(feature = "std")]
scalar!(F32, f32, u32, f32::floor, f32::round_ties_even, 127.0);
#[cfg(feature = "std")]
scalar!(F64, f64, u64, f64::floor, f64::round_ties_even, 1023.0);
#[cfg(not(feature = "std"))]
scalar!(F32, f32, u32, libm::floorf, libm::rintf, 127.0);
#[cfg(not(feature = "std"))]
scalar!(F64, f64, u64, libm::floor, libm::rint, 1023.0);
