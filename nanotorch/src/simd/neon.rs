//! NEON of AArch64: 4 `f32` or 2 `f64` a register, 32 registers, masks as registers of all-ones and all-zeros lanes.

use core::arch::aarch64::*;

use generic_array::typenum::{U2, U4};

use super::operators::vector_operators;
use super::register::{exponents_by_integers, lanewise, register, register_mask};
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

        register_mask!($mask($integers), |x| any $any(x), all $all(x), not $xor(x, $set($bits::MAX)), and $and, or $or);

        impl Vector for $vector {
            register!(Neon, $lanes of $scalar, as $length, mask $mask, $set1, $load, $store,
                exchange $exchange, sum $sum, maximum $maximum);
            lanewise! { Self:
                mul_add(x, factor, addend) = $fma(addend, x, factor);
                neg_mul_add(x, factor, addend) = $fms(addend, x, factor);
                abs(x) = $abs(x);
                sqrt(x) = $sqrt(x);
                floor(x) = $floor(x);
                round_ties_even(x) = $round(x);
                copysign(x, sign) = $blend($to_integers($set1(-0.0)), sign, x);
            }
            lanewise! { $mask:
                lt(x, other) = $lt(x, other);
                le(x, other) = $le(x, other);
                gt(x, other) = $gt(x, other);
                ge(x, other) = $ge(x, other);
                eq(x, other) = $eq(x, other);
            }
            exponents_by_integers!($scalar, $bits, $set1, [$set, $and, $or, $shift_left, $shift_right, $add_integers,
                $from_integers, $to_integers]);
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
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                // SAFETY: every AArch64 target has NEON.
                Self(unsafe { $blend(mask.0, yes.0, no.0) })
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
