//! NEON of AArch64: 4 `f32` or 2 `f64` a register, 32 registers, masks as registers of all-ones and all-zeros lanes.

use core::arch::aarch64::*;

use generic_array::typenum::{U2, U4};

use super::operators::vector_operators;
use super::{Mask, Simd, Vector};

/// Proof that the machine has NEON: every AArch64 target that this file is compiled for does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Neon(());

impl Neon {
    /// The proof; never missing.
    pub fn detect() -> Option<Self> {
        Some(Self(()))
    }
}

impl Simd for Neon {
    const NAME: &'static str = "neon";
    const REGISTERS: usize = 32;
    type F32 = F32;
    type F64 = F64;
    #[inline(always)]
    fn vectorize<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }
}

macro_rules! neon {
    ($vector:ident of $lanes:literal $scalar:ident ($register:ident, $length:ident), mask $mask:ident($integers:ident, $bits:ident),
     floats [$set1:path, $load:path, $store:path, $add:path, $sub:path, $mul:path, $div:path, $neg:path, $fma:path, $fms:path,
     $abs:path, $sqrt:path, $floor:path, $round:path, $blend:path], compare [$lt:path, $le:path, $gt:path, $ge:path, $eq:path],
     integers [$set:path, $and:path, $or:path, $xor:path, $shift_left:ident, $shift_right:ident, $from_integers:path,
     $to_integers:path, $add_integers:path], mask $any:path, $all:path, exchange $exchange:path, sum $sum:path, maximum $maximum:path) => {
        #[doc = concat!("A register of ", stringify!($lanes), " `", stringify!($scalar), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $vector($register);
        vector_operators!($vector, $add, $sub, $mul, $div, |x| $neg(x));

        /// All bits of a lane set, or none.
        #[derive(Clone, Copy, Debug)]
        pub struct $mask($integers);
        impl Mask for $mask {
            #[inline(always)]
            fn any(self) -> bool {
                // SAFETY: every AArch64 target has NEON.
                unsafe { $any(self.0) }
            }
            #[inline(always)]
            fn all(self) -> bool {
                // SAFETY: every AArch64 target has NEON.
                unsafe { $all(self.0) }
            }
        }
        impl core::ops::BitAnd for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitand(self, other: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $and(self.0, other.0) })
            }
        }
        impl core::ops::BitOr for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitor(self, other: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $or(self.0, other.0) })
            }
        }
        impl core::ops::Not for $mask {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $xor(self.0, $set($bits::MAX)) })
            }
        }

        impl $vector {
            /// 2^n for an integral-valued n of the normal range.
            #[inline(always)]
            fn power_of_two(n: Self) -> Self {
                // Added to 1.5 * 2^fraction, an integer stands in the low bits of the sum.
                const BIAS: i32 = $scalar::MAX_EXP - 1;
                const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe {
                    let shifted = $add(n.0, $set1(1.5 / $scalar::EPSILON + BIAS as $scalar));
                    $from_integers($shift_left::<SHIFT>($to_integers(shifted)))
                })
            }
        }

        impl Vector for $vector {
            type Scalar = $scalar;
            type Isa = Neon;
            type Lanes = $length;
            type Mask = $mask;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn isa(self) -> Neon {
                Neon(())
            }
            #[inline(always)]
            fn splat(_: Neon, number: $scalar) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $set1(number) })
            }
            #[inline(always)]
            unsafe fn load_pointer(_: Neon, source: *const $scalar) -> Self {
                // SAFETY: the caller's pointer.
                Self(unsafe { $load(source) })
            }
            #[inline(always)]
            unsafe fn store_pointer(self, target: *mut $scalar) {
                // SAFETY: the caller's pointer.
                unsafe { $store(target, self.0) }
            }
            #[inline(always)]
            unsafe fn load_partial_pointer(
                _: Neon,
                source: *const $scalar,
                count: usize,
                fill: Self,
            ) -> Self {
                debug_assert!(count <= $lanes);
                let mut lanes = [0.0; $lanes];
                // SAFETY: the caller's pointer and count, and an array of LANES numbers.
                unsafe {
                    $store(lanes.as_mut_ptr(), fill.0);
                    core::ptr::copy_nonoverlapping(source, lanes.as_mut_ptr(), count);
                    Self($load(lanes.as_ptr()))
                }
            }
            #[inline(always)]
            unsafe fn store_partial_pointer(self, target: *mut $scalar, count: usize) {
                debug_assert!(count <= $lanes);
                let mut lanes = [0.0; $lanes];
                // SAFETY: the caller's pointer and count, and an array of LANES numbers.
                unsafe {
                    $store(lanes.as_mut_ptr(), self.0);
                    core::ptr::copy_nonoverlapping(lanes.as_ptr(), target, count);
                }
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $fma(addend.0, self.0, factor.0) })
            }
            #[inline(always)]
            fn neg_mul_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $fms(addend.0, self.0, factor.0) })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $abs(self.0) })
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // The instruction of that name treats NaN and zeros of unlike sign otherwise.
                Self::select(self.gt(other), self, other)
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                Self::select(self.lt(other), self, other)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $floor(self.0) })
            }
            #[inline(always)]
            fn round_ties_even(self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $round(self.0) })
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $blend($to_integers($set1(-0.0)), sign.0, self.0) })
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $mask {
                // SAFETY: every AArch64 target has NEON.
                $mask(unsafe { $lt(self.0, other.0) })
            }
            #[inline(always)]
            fn le(self, other: Self) -> $mask {
                // SAFETY: every AArch64 target has NEON.
                $mask(unsafe { $le(self.0, other.0) })
            }
            #[inline(always)]
            fn gt(self, other: Self) -> $mask {
                // SAFETY: every AArch64 target has NEON.
                $mask(unsafe { $gt(self.0, other.0) })
            }
            #[inline(always)]
            fn ge(self, other: Self) -> $mask {
                // SAFETY: every AArch64 target has NEON.
                $mask(unsafe { $ge(self.0, other.0) })
            }
            #[inline(always)]
            fn eq(self, other: Self) -> $mask {
                // SAFETY: every AArch64 target has NEON.
                $mask(unsafe { $eq(self.0, other.0) })
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $blend(mask.0, yes.0, no.0) })
            }
            #[inline(always)]
            fn scale_by_power_of_two(self, n: Self) -> Self {
                // Two factors, since 2^n alone may be out of range where the product isn't; the bounds of n are what two
                // normal powers of two can reach.
                const MOST: $scalar = 2.0 * ($scalar::MAX_EXP - 1) as $scalar;
                let simd = Neon(());
                let n = n.max(Self::splat(simd, 2.0 - MOST)).min(Self::splat(simd, MOST));
                let half = (n * Self::splat(simd, 0.5)).round_ties_even();
                self * Self::power_of_two(half) * Self::power_of_two(n - half)
            }
            #[inline(always)]
            fn scale_by_shifted(self, shifted: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                let power = unsafe {
                    let exponent =
                        $shift_left::<{ $scalar::MANTISSA_DIGITS as i32 - 1 }>($to_integers(shifted.0));
                    $from_integers($add_integers(exponent, $to_integers($set1(1.0))))
                };
                self * Self(power)
            }
            #[inline(always)]
            fn scale_down_by_shifted(self, shifted: Self) -> Self {
                // By a normal power of two, and then by one that rounds.
                const DOWN: $scalar = $scalar::EPSILON * $scalar::EPSILON;
                // SAFETY: every AArch64 target has NEON.
                let power = unsafe {
                    let exponent =
                        $shift_left::<{ $scalar::MANTISSA_DIGITS as i32 - 1 }>($to_integers(shifted.0));
                    $from_integers($add_integers(exponent, $to_integers($set1(1.0 / DOWN))))
                };
                self * Self(power) * Self::splat(self.isa(), DOWN)
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                const BIAS: i32 = $scalar::MAX_EXP - 1;
                const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
                const ONE: $bits = $scalar::to_bits(1.0);
                const FRACTION: $bits = (1 << SHIFT) - 1;
                let simd = Neon(());
                let zero = Self::zero(simd);
                // A subnormal is made normal first.
                let subnormal = self.lt(Self::splat(simd, $scalar::MIN_POSITIVE));
                let lifted = self * Self::splat(simd, 2.0 / $scalar::EPSILON);
                let normal = Self::select(subnormal, lifted, self);
                let lift = Self::select(subnormal, Self::splat(simd, (SHIFT + 1) as $scalar), zero);
                // SAFETY: every AArch64 target has NEON.
                unsafe {
                    let bits = $to_integers(normal.0);
                    let mantissa = Self($from_integers($or($and(bits, $set(FRACTION)), $set(ONE))));
                    // The exponent's bits below those of 2^fraction make a number that is larger by just the exponent.
                    let offset = 1.0 / $scalar::EPSILON;
                    let field = $or($shift_right::<SHIFT>(bits), $to_integers($set1(offset)));
                    let exponent = Self($from_integers(field)) - Self($set1(offset + BIAS as $scalar));
                    (mantissa, exponent - lift)
                }
            }
            #[inline(always)]
            fn exchange(self, other: Self, width: usize) -> (Self, Self) {
                // SAFETY: every AArch64 target has NEON.
                let (even, odd) = unsafe { $exchange(self.0, other.0, width) };
                (Self(even), Self(odd))
            }
            #[inline(always)]
            fn sum(self) -> $scalar {
                // SAFETY: every AArch64 target has NEON.
                unsafe { $sum(self.0) }
            }
            #[inline(always)]
            fn maximum(self) -> $scalar {
                // SAFETY: every AArch64 target has NEON.
                unsafe { $maximum(self.0) }
            }
        }
    };
}

neon!(F32 of 4 f32 (float32x4_t, U4), mask Mask32(uint32x4_t, u32),
    floats [vdupq_n_f32, vld1q_f32, vst1q_f32, vaddq_f32, vsubq_f32, vmulq_f32, vdivq_f32, vnegq_f32, vfmaq_f32, vfmsq_f32,
        vabsq_f32, vsqrtq_f32, vrndmq_f32, vrndnq_f32, vbslq_f32],
    compare [vcltq_f32, vcleq_f32, vcgtq_f32, vcgeq_f32, vceqq_f32],
    integers [vdupq_n_u32, vandq_u32, vorrq_u32, veorq_u32, vshlq_n_u32, vshrq_n_u32, vreinterpretq_f32_u32,
        vreinterpretq_u32_f32, vaddq_u32],
    mask any_u32, all_u32, exchange exchange_f32, sum sum_f32, maximum vmaxvq_f32);
neon!(F64 of 2 f64 (float64x2_t, U2), mask Mask64(uint64x2_t, u64),
    floats [vdupq_n_f64, vld1q_f64, vst1q_f64, vaddq_f64, vsubq_f64, vmulq_f64, vdivq_f64, vnegq_f64, vfmaq_f64, vfmsq_f64,
        vabsq_f64, vsqrtq_f64, vrndmq_f64, vrndnq_f64, vbslq_f64],
    compare [vcltq_f64, vcleq_f64, vcgtq_f64, vcgeq_f64, vceqq_f64],
    integers [vdupq_n_u64, vandq_u64, vorrq_u64, veorq_u64, vshlq_n_u64, vshrq_n_u64, vreinterpretq_f64_u64,
        vreinterpretq_u64_f64, vaddq_u64],
    mask any_u64, all_u64, exchange exchange_f64, sum sum_f64, maximum vmaxvq_f64);

#[inline]
#[target_feature(enable = "neon")]
fn any_u32(x: uint32x4_t) -> bool {
    vmaxvq_u32(x) != 0
}
#[inline]
#[target_feature(enable = "neon")]
fn all_u32(x: uint32x4_t) -> bool {
    vminvq_u32(x) == u32::MAX
}
#[inline]
#[target_feature(enable = "neon")]
fn any_u64(x: uint64x2_t) -> bool {
    vgetq_lane_u64::<0>(x) | vgetq_lane_u64::<1>(x) != 0
}
#[inline]
#[target_feature(enable = "neon")]
fn all_u64(x: uint64x2_t) -> bool {
    vgetq_lane_u64::<0>(x) & vgetq_lane_u64::<1>(x) == u64::MAX
}
#[inline]
#[target_feature(enable = "neon")]
fn sum_f32(x: float32x4_t) -> f32 {
    let halves = vadd_f32(vget_low_f32(x), vget_high_f32(x));
    vget_lane_f32::<0>(halves) + vget_lane_f32::<1>(halves)
}
#[inline]
#[target_feature(enable = "neon")]
fn sum_f64(x: float64x2_t) -> f64 {
    vgetq_lane_f64::<0>(x) + vgetq_lane_f64::<1>(x)
}

#[inline]
#[target_feature(enable = "neon")]
fn exchange_f32(a: float32x4_t, b: float32x4_t, width: usize) -> (float32x4_t, float32x4_t) {
    if width == 1 {
        return (vtrn1q_f32(a, b), vtrn2q_f32(a, b));
    }
    let (a, b) = (vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b));
    (vreinterpretq_f32_f64(vtrn1q_f64(a, b)), vreinterpretq_f32_f64(vtrn2q_f64(a, b)))
}
#[inline]
#[target_feature(enable = "neon")]
fn exchange_f64(a: float64x2_t, b: float64x2_t, _: usize) -> (float64x2_t, float64x2_t) {
    (vtrn1q_f64(a, b), vtrn2q_f64(a, b))
}
