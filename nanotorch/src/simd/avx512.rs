//! AVX-512 (F, DQ, BW, VL): 16 `f32` or 8 `f64` a register, 32 registers, real masks.

use core::arch::x86_64::*;

use generic_array::typenum::{U8, U16};

use super::operators::vector_operators;
use super::register::{lanewise, register};
use super::{Mask, Simd, Tables, Vector};

/// Proof that the machine has AVX-512 F, DQ, BW and VL, FMA and BMI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx512(());

impl Avx512 {
    /// Whether the program is compiled for machines that all have it.
    pub(super) const STATIC: bool = cfg!(all(
        target_feature = "avx512f",
        target_feature = "avx512dq",
        target_feature = "avx512bw",
        target_feature = "avx512vl",
        target_feature = "avx2",
        target_feature = "fma",
        target_feature = "bmi1",
        target_feature = "bmi2",
        target_feature = "lzcnt",
        target_feature = "popcnt"
    ));

    /// The proof, if the machine has it. Without `std` only what the program is compiled for counts.
    pub fn detect() -> Option<Self> {
        #[cfg(feature = "std")]
        let present = Self::STATIC
            || (std::is_x86_feature_detected!("avx512f")
                && std::is_x86_feature_detected!("avx512dq")
                && std::is_x86_feature_detected!("avx512bw")
                && std::is_x86_feature_detected!("avx512vl")
                && super::Avx2::detect().is_some());
        #[cfg(not(feature = "std"))]
        let present = Self::STATIC;
        present.then_some(Self(()))
    }

    /// The proof, taken on trust.
    /// # Safety
    /// [`Self::detect`] would return it.
    #[inline(always)]
    pub unsafe fn assume() -> Self {
        Self(())
    }
}

impl Simd for Avx512 {
    const NAME: &'static str = "avx512";
    const REGISTERS: usize = 32;
    type F32 = F32;
    type F64 = F64;
    #[inline(always)]
    fn vectorize<R>(self, work: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
        fn inside<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        // SAFETY: the token proves the features.
        unsafe { inside(work) }
    }
}

macro_rules! avx512 {
    ($vector:ident of $lanes:literal $scalar:ident ($register:ident, $length:ident),
     mask $mask:ident($bits:ident), floats [$set1:path, $load:path, $store:path, $mask_load:path, $mask_store:path,
     $add:path, $sub:path, $mul:path, $div:path, $fmadd:path, $fnmadd:path, $abs:path, $sqrt:path, $max:path, $min:path,
     $blend:path, $and:path, $andnot:path, $or:path, $xor:path], compare $compare:ident, round $round:ident,
     scale $scale:path, mantissa $mantissa:ident, exponent $exponent:path, exchange $exchange:path, sum $sum:path, maximum $maximum:path,
     others { $($other:tt)* }) => {
        #[doc = concat!("A register of ", stringify!($lanes), " `", stringify!($scalar), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $vector($register);
        vector_operators!($vector, $add, $sub, $mul, $div, |x| $xor(x, $set1(-0.0)));

        /// A bit for each lane.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $mask($bits);
        impl Mask for $mask {
            #[inline(always)]
            fn any(self) -> bool {
                self.0 != 0
            }
            #[inline(always)]
            fn all(self) -> bool {
                self.0 == $bits::MAX
            }
        }
        impl core::ops::BitAnd for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitand(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }
        }
        impl core::ops::BitOr for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }
        impl core::ops::Not for $mask {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                Self(!self.0)
            }
        }

        impl Vector for $vector {
            register!(Avx512, $lanes of $scalar, as $length, mask $mask, $set1, $load, $store,
                exchange $exchange, sum $sum, maximum $maximum);
            lanewise! { Self:
                mul_add(x, factor, addend) = $fmadd(x, factor, addend);
                neg_mul_add(x, factor, addend) = $fnmadd(x, factor, addend);
                abs(x) = $abs(x);
                sqrt(x) = $sqrt(x);
                max(x, other) = $max(x, other);
                min(x, other) = $min(x, other);
                floor(x) = $round::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(x);
                round_ties_even(x) = $round::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(x);
                copysign(x, sign) = $or($andnot($set1(-0.0), x), $and($set1(-0.0), sign));
                scale_by_power_of_two(x, n) = $scale(x, n);
            }
            lanewise! { $mask:
                lt(x, other) = $compare::<_CMP_LT_OQ>(x, other);
                le(x, other) = $compare::<_CMP_LE_OQ>(x, other);
                gt(x, other) = $compare::<_CMP_GT_OQ>(x, other);
                ge(x, other) = $compare::<_CMP_GE_OQ>(x, other);
                eq(x, other) = $compare::<_CMP_EQ_OQ>(x, other);
            }
            #[inline(always)]
            unsafe fn load_partial_pointer(
                _: Avx512,
                source: *const $scalar,
                count: usize,
                fill: Self,
            ) -> Self {
                // SAFETY: the token, and the caller's pointer; lanes that the mask leaves out aren't touched.
                Self(unsafe { $mask_load(fill.0, ((1_u32 << count) - 1) as $bits, source) })
            }
            #[inline(always)]
            unsafe fn store_partial_pointer(self, target: *mut $scalar, count: usize) {
                // SAFETY: a vector exists, and the caller's pointer; lanes that the mask leaves out aren't touched.
                unsafe { $mask_store(target, ((1_u32 << count) - 1) as $bits, self.0) }
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $blend(mask.0, no.0, yes.0) })
            }
            #[inline(always)]
            fn scale_by_shifted(self, shifted: Self) -> Self {
                self.scale_by_power_of_two(shifted - Self::splat(self.isa(), 1.5 / $scalar::EPSILON))
            }
            #[inline(always)]
            fn scale_down_by_shifted(self, shifted: Self) -> Self {
                self.scale_by_shifted(shifted)
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                // SAFETY: a vector exists.
                unsafe {
                    let mantissa = $mantissa::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_SRC>(self.0);
                    (Self(mantissa), Self($exponent(self.0)))
                }
            }
            $($other)*
        }
    };
}

avx512!(F32 of 16 f32 (__m512, U16), mask Mask16(__mmask16),
floats [_mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_mask_loadu_ps, _mm512_mask_storeu_ps,
    _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_div_ps, _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_abs_ps,
    _mm512_sqrt_ps, _mm512_max_ps, _mm512_min_ps, _mm512_mask_blend_ps, _mm512_and_ps, _mm512_andnot_ps,
    _mm512_or_ps, _mm512_xor_ps],
compare _mm512_cmp_ps_mask, round _mm512_roundscale_ps, scale _mm512_scalef_ps, mantissa _mm512_getmant_ps,
exponent _mm512_getexp_ps, exchange exchange_f32, sum sum_f32, maximum maximum_f32,
others {
    #[inline(always)]
    fn transpose_fours(rows: [Self; 4]) -> [Self; 4] {
        // SAFETY: a vector exists.
        unsafe { transpose_fours(rows.map(|row| row.0)) }.map(Self)
    }
    #[inline(always)]
    fn sum_fours(rows: [Self; 4]) -> Self {
        // SAFETY: a vector exists.
        Self(unsafe { sum_fours(rows.map(|row| row.0)) })
    }
    #[inline(always)]
    fn spread_in_fours(self, place: usize) -> Self {
        // SAFETY: a vector exists.
        Self(unsafe {
            match place {
                0 => _mm512_permute_ps::<0b00_00_00_00>(self.0),
                1 => _mm512_permute_ps::<0b01_01_01_01>(self.0),
                2 => _mm512_permute_ps::<0b10_10_10_10>(self.0),
                _ => _mm512_permute_ps::<0b11_11_11_11>(self.0),
            }
        })
    }
    #[inline(always)]
    fn deal_fours(self) -> Self {
        // SAFETY: a vector exists.
        Self(unsafe {
            let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            _mm512_permutexvar_ps(order, self.0)
        })
    }
    #[inline(always)]
    fn zip(self, other: Self) -> (Self, Self) {
        // SAFETY: a vector exists.
        unsafe {
            let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            let of = |places| Self(_mm512_permutex2var_ps(self.0, places, other.0));
            (of(low), of(high))
        }
    }
    #[inline(always)]
    fn unzip(self, other: Self) -> (Self, Self) {
        // SAFETY: a vector exists.
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            let of = |places| Self(_mm512_permutex2var_ps(self.0, places, other.0));
            (of(even), of(odd))
        }
    }
    const JOINS: bool = true;
    #[inline(always)]
    fn join(self, next: Self, start: usize) -> Self {
        // SAFETY: a vector exists.
        Self(unsafe {
            let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            let from = _mm512_add_epi32(lanes, _mm512_set1_epi32(start as i32));
            // Positions count on into the second register; 32 is 0 again, which no lane asks for.
            _mm512_permutex2var_ps(self.0, from, next.0)
        })
    }
    #[inline(always)]
    fn look_up<const TABLES: usize>(self, tables: &Tables<TABLES>) -> Option<[Self; TABLES]> {
        // SAFETY: a vector exists, and a table has the numbers that are read.
        Some(unsafe {
            let bits = _mm512_castps_si512(self.0);
            let least = _mm512_set1_epi32(0.0625_f32.to_bits() as i32);
            let most = _mm512_set1_epi32(14.0_f32.to_bits() as i32);
            let bounded = _mm512_min_epu32(_mm512_max_epu32(bits, least), most);
            // The exponent and two bits of the fraction; a permutation heeds the last five bits of this.
            let entry = _mm512_srli_epi32::<21>(bounded);
            let mut found = [self; TABLES];
            for (lanes, table) in found.iter_mut().zip(&tables.0) {
                let (low, high) = (table.as_ptr(), table.as_ptr().add(16));
                *lanes = Self(_mm512_permutex2var_ps(_mm512_loadu_ps(low), entry, _mm512_loadu_ps(high)));
            }
            found
        })
    }
    #[inline(always)]
    fn pick(self, shift: u32, table: &[f32; 8]) -> Self {
        // SAFETY: a vector exists.
        Self(unsafe { pick(self.0, shift, table) })
    }
    #[inline(always)]
    fn split_near_one(self) -> (Self, Self) {
        // SAFETY: a vector exists.
        let (mantissa, exponent) = unsafe { split_near_one(self.0) };
        (Self(mantissa), Self(exponent))
    }
});
avx512!(F64 of 8 f64 (__m512d, U8), mask Mask8(__mmask8),
    floats [_mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_mask_loadu_pd, _mm512_mask_storeu_pd,
        _mm512_add_pd, _mm512_sub_pd, _mm512_mul_pd, _mm512_div_pd, _mm512_fmadd_pd, _mm512_fnmadd_pd, _mm512_abs_pd,
        _mm512_sqrt_pd, _mm512_max_pd, _mm512_min_pd, _mm512_mask_blend_pd, _mm512_and_pd, _mm512_andnot_pd,
        _mm512_or_pd, _mm512_xor_pd],
    compare _mm512_cmp_pd_mask, round _mm512_roundscale_pd, scale _mm512_scalef_pd, mantissa _mm512_getmant_pd,
    exponent _mm512_getexp_pd, exchange exchange_f64, sum sum_f64, maximum maximum_f64, others {});

#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx2")]
fn sum_f32(x: __m512) -> f32 {
    super::avx2::sum_f32(_mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x)))
}
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx2")]
fn maximum_f32(x: __m512) -> f32 {
    super::avx2::maximum_f32(_mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps::<1>(x)))
}
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx2")]
fn sum_f64(x: __m512d) -> f64 {
    super::avx2::sum_f64(_mm256_add_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd::<1>(x)))
}
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx2")]
fn maximum_f64(x: __m512d) -> f64 {
    super::avx2::maximum_f64(_mm256_max_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd::<1>(x)))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn transpose_fours([a, b, c, d]: [__m512; 4]) -> [__m512; 4] {
    let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
    let (ab_high, cd_high) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
    [
        _mm512_shuffle_ps::<0x44>(ab, cd),
        _mm512_shuffle_ps::<0xEE>(ab, cd),
        _mm512_shuffle_ps::<0x44>(ab_high, cd_high),
        _mm512_shuffle_ps::<0xEE>(ab_high, cd_high),
    ]
}
#[inline]
#[target_feature(enable = "avx512f")]
fn sum_fours([a, b, c, d]: [__m512; 4]) -> __m512 {
    let ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    let cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    _mm512_add_ps(_mm512_shuffle_ps::<0x44>(ab, cd), _mm512_shuffle_ps::<0xEE>(ab, cd))
}
#[inline]
#[target_feature(enable = "avx512f")]
fn exchange_f32(a: __m512, b: __m512, width: usize) -> (__m512, __m512) {
    match width {
        1 => (_mm512_mask_moveldup_ps(a, 0xAAAA, b), _mm512_mask_movehdup_ps(b, 0x5555, a)),
        2 => (_mm512_shuffle_ps::<0x44>(a, b), _mm512_shuffle_ps::<0xEE>(a, b)),
        4 => (
            _mm512_mask_shuffle_f32x4::<0b10_10_00_00>(a, 0xF0F0, b, b),
            _mm512_mask_shuffle_f32x4::<0b11_11_01_01>(b, 0x0F0F, a, a),
        ),
        _ => (_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xEE>(a, b)),
    }
}
#[inline]
#[target_feature(enable = "avx512f")]
fn exchange_f64(a: __m512d, b: __m512d, width: usize) -> (__m512d, __m512d) {
    match width {
        1 => (_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b)),
        2 => (
            _mm512_mask_shuffle_f64x2::<0b10_10_00_00>(a, 0b1100_1100, b, b),
            _mm512_mask_shuffle_f64x2::<0b11_11_01_01>(b, 0b0011_0011, a, a),
        ),
        _ => (_mm512_shuffle_f64x2::<0x44>(a, b), _mm512_shuffle_f64x2::<0xEE>(a, b)),
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn pick(x: __m512, shift: u32, table: &[f32; 8]) -> __m512 {
    let place = _mm512_srl_epi32(_mm512_castps_si512(x), _mm_cvtsi32_si128(shift as i32));
    // Four bits count here: the table twice, so that the upper one doesn't matter.
    // SAFETY: the table has as many numbers as are read.
    let half = unsafe { _mm256_loadu_ps(table.as_ptr()) };
    _mm512_permutexvar_ps(place, _mm512_broadcast_f32x8(half))
}
#[inline]
#[target_feature(enable = "avx512f")]
fn split_near_one(x: __m512) -> (__m512, __m512) {
    let bits = _mm512_castps_si512(x);
    let above = _mm512_sub_epi32(bits, _mm512_castps_si512(_mm512_set1_ps(0.75)));
    let exponent = _mm512_and_si512(above, _mm512_set1_epi32(-1 << 23));
    let mantissa = _mm512_sub_epi32(bits, exponent);
    (_mm512_castsi512_ps(mantissa), _mm512_cvtepi32_ps(exponent))
}
