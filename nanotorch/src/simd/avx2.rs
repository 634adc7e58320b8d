//! AVX2 and FMA: 8 `f32` or 4 `f64` a register, 16 registers, masks as registers of all-ones and all-zeros lanes.

use core::arch::x86_64::*;

use generic_array::typenum::{U4, U8};

use super::operators::vector_operators;
use super::register::{exponents_by_integers, lanewise, register, register_mask};
use super::{Mask, Simd, Vector};

/// Proof that the machine has AVX2, FMA and BMI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx2(());

impl Avx2 {
    /// Whether the program is compiled for machines that all have it.
    pub(super) const STATIC: bool = cfg!(all(
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
            || (std::is_x86_feature_detected!("avx2")
                && std::is_x86_feature_detected!("fma")
                && std::is_x86_feature_detected!("bmi1")
                && std::is_x86_feature_detected!("bmi2")
                && std::is_x86_feature_detected!("lzcnt")
                && std::is_x86_feature_detected!("popcnt"));
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

impl Simd for Avx2 {
    const NAME: &'static str = "avx2";
    const REGISTERS: usize = 16;
    type F32 = F32;
    type F64 = F64;
    #[inline(always)]
    fn vectorize<R>(self, work: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
        fn inside<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        // SAFETY: the token proves the features.
        unsafe { inside(work) }
    }
}

/// A window of `LANES` numbers that starts `count` before the middle has its first `count` lanes set.
static WINDOW_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
/// As [`WINDOW_32`].
static WINDOW_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

macro_rules! avx2 {
    ($vector:ident of $lanes:literal $scalar:ident ($register:ident, $length:ident, $bits:ident), mask $mask:ident, window $window:ident,
     floats [$set1:path, $load:path, $store:path, $mask_load:path, $mask_store:path,
     $add:path, $sub:path, $mul:path, $div:path, $fmadd:path, $fnmadd:path, $sqrt:path, $max:path, $min:path, $blend:path,
     $and:path, $andnot:path, $or:path, $xor:path, $signs:path], compare $compare:ident, round $round:ident,
     integers [$set:path, $from_integers:path, $to_integers:path, $shift_left:ident, $shift_right:ident, $add_integers:path],
     exchange $exchange:path, sum $sum:path, maximum $maximum:path, others { $($other:tt)* }) => {
        #[doc = concat!("A register of ", stringify!($lanes), " `", stringify!($scalar), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub struct $vector($register);
        vector_operators!($vector, $add, $sub, $mul, $div, |x| $xor(x, $set1(-0.0)));
        register_mask!($mask($register), |x| any $signs(x) != 0, all $signs(x) == (1 << $lanes) - 1,
            not $xor(x, $from_integers($set(-1))), and $and, or $or);

        impl $vector {
            /// The bits of the first `count` lanes set.
            /// # Safety
            /// AVX2 is there, and `count <= LANES`.
            #[inline(always)]
            unsafe fn first(count: usize) -> __m256i {
                debug_assert!(count <= $lanes);
                // SAFETY: a window that starts at most LANES before the middle lies inside the table.
                unsafe { _mm256_loadu_si256($window.as_ptr().add($lanes - count).cast()) }
            }
        }

        impl Vector for $vector {
            register!(Avx2, $lanes of $scalar, as $length, mask $mask, $set1, $load, $store,
                exchange $exchange, sum $sum, maximum $maximum);
            lanewise! { Self:
                mul_add(x, factor, addend) = $fmadd(x, factor, addend);
                neg_mul_add(x, factor, addend) = $fnmadd(x, factor, addend);
                abs(x) = $andnot($set1(-0.0), x);
                sqrt(x) = $sqrt(x);
                max(x, other) = $max(x, other);
                min(x, other) = $min(x, other);
                floor(x) = $round::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(x);
                round_ties_even(x) = $round::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(x);
                copysign(x, sign) = $or($andnot($set1(-0.0), x), $and($set1(-0.0), sign));
                with_sign_of(x, sign) = $or(x, $and($set1(-0.0), sign));
            }
            lanewise! { $mask:
                lt(x, other) = $compare::<_CMP_LT_OQ>(x, other);
                le(x, other) = $compare::<_CMP_LE_OQ>(x, other);
                gt(x, other) = $compare::<_CMP_GT_OQ>(x, other);
                ge(x, other) = $compare::<_CMP_GE_OQ>(x, other);
                eq(x, other) = $compare::<_CMP_EQ_OQ>(x, other);
            }
            exponents_by_integers!($scalar, $bits, $set1, [$set, _mm256_and_si256, _mm256_or_si256, $shift_left, $shift_right,
                $add_integers, $from_integers, $to_integers]);
            #[inline(always)]
            unsafe fn load_partial_pointer(
                _: Avx2,
                source: *const $scalar,
                count: usize,
                fill: Self,
            ) -> Self {
                // SAFETY: the token, and the caller's pointer and count; lanes that the mask leaves out aren't touched.
                Self(unsafe {
                    let mask = Self::first(count);
                    $blend(fill.0, $mask_load(source, mask), $from_integers(mask))
                })
            }
            #[inline(always)]
            unsafe fn store_partial_pointer(self, target: *mut $scalar, count: usize) {
                // SAFETY: a vector exists, and the caller's pointer and count; lanes that the mask leaves out aren't touched.
                unsafe { $mask_store(target, Self::first(count), self.0) }
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $blend(no.0, yes.0, mask.0) })
            }
            $($other)*
        }
    };
}

avx2!(F32 of 8 f32 (__m256, U8, i32), mask Mask32, window WINDOW_32,
floats [_mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_maskload_ps, _mm256_maskstore_ps, _mm256_add_ps,
    _mm256_sub_ps, _mm256_mul_ps, _mm256_div_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_sqrt_ps, _mm256_max_ps,
    _mm256_min_ps, _mm256_blendv_ps, _mm256_and_ps, _mm256_andnot_ps, _mm256_or_ps, _mm256_xor_ps, _mm256_movemask_ps],
compare _mm256_cmp_ps, round _mm256_round_ps,
integers [_mm256_set1_epi32, _mm256_castsi256_ps, _mm256_castps_si256, _mm256_slli_epi32, _mm256_srli_epi32, _mm256_add_epi32],
exchange exchange_f32, sum sum_f32, maximum maximum_f32,
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
                0 => _mm256_permute_ps::<0b00_00_00_00>(self.0),
                1 => _mm256_permute_ps::<0b01_01_01_01>(self.0),
                2 => _mm256_permute_ps::<0b10_10_10_10>(self.0),
                _ => _mm256_permute_ps::<0b11_11_11_11>(self.0),
            }
        })
    }
    #[inline(always)]
    fn deal_fours(self) -> Self {
        // SAFETY: a vector exists.
        Self(unsafe { _mm256_permutevar8x32_ps(self.0, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)) })
    }
    #[inline(always)]
    fn pick(self, shift: u32, table: &[f32; 8]) -> Self {
        // SAFETY: a vector exists, and the table has as many numbers as a register.
        Self(unsafe {
            let place = _mm256_srl_epi32(_mm256_castps_si256(self.0), _mm_cvtsi32_si128(shift as i32));
            _mm256_permutevar8x32_ps(_mm256_loadu_ps(table.as_ptr()), place)
        })
    }
    #[inline(always)]
    fn split_near_one(self) -> (Self, Self) {
        // SAFETY: a vector exists.
        unsafe {
            let bits = _mm256_castps_si256(self.0);
            let above = _mm256_sub_epi32(bits, _mm256_castps_si256(_mm256_set1_ps(0.75)));
            let exponent = _mm256_and_si256(above, _mm256_set1_epi32(-1 << 23));
            let mantissa = _mm256_sub_epi32(bits, exponent);
            (Self(_mm256_castsi256_ps(mantissa)), Self(_mm256_cvtepi32_ps(exponent)))
        }
    }
});
avx2!(F64 of 4 f64 (__m256d, U4, i64), mask Mask64, window WINDOW_64,
    floats [_mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_maskload_pd, _mm256_maskstore_pd, _mm256_add_pd,
        _mm256_sub_pd, _mm256_mul_pd, _mm256_div_pd, _mm256_fmadd_pd, _mm256_fnmadd_pd, _mm256_sqrt_pd, _mm256_max_pd,
        _mm256_min_pd, _mm256_blendv_pd, _mm256_and_pd, _mm256_andnot_pd, _mm256_or_pd, _mm256_xor_pd, _mm256_movemask_pd],
    compare _mm256_cmp_pd, round _mm256_round_pd,
    integers [_mm256_set1_epi64x, _mm256_castsi256_pd, _mm256_castpd_si256, _mm256_slli_epi64, _mm256_srli_epi64, _mm256_add_epi64],
    exchange exchange_f64, sum sum_f64, maximum maximum_f64, others {});

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sum_f32(x: __m256) -> f32 {
    let x = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
    let x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)))
}
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn maximum_f32(x: __m256) -> f32 {
    let x = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
    let x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)))
}
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sum_f64(x: __m256d) -> f64 {
    let x = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd::<1>(x));
    _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x)))
}
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn maximum_f64(x: __m256d) -> f64 {
    let x = _mm_max_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd::<1>(x));
    _mm_cvtsd_f64(_mm_max_sd(x, _mm_unpackhi_pd(x, x)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn transpose_fours([a, b, c, d]: [__m256; 4]) -> [__m256; 4] {
    let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
    let (ab_high, cd_high) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
    [
        _mm256_shuffle_ps::<0x44>(ab, cd),
        _mm256_shuffle_ps::<0xEE>(ab, cd),
        _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
        _mm256_shuffle_ps::<0xEE>(ab_high, cd_high),
    ]
}
#[inline]
#[target_feature(enable = "avx2")]
fn sum_fours([a, b, c, d]: [__m256; 4]) -> __m256 {
    let ab = _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    let cd = _mm256_add_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    _mm256_add_ps(_mm256_shuffle_ps::<0x44>(ab, cd), _mm256_shuffle_ps::<0xEE>(ab, cd))
}
#[inline]
#[target_feature(enable = "avx2")]
fn exchange_f32(a: __m256, b: __m256, width: usize) -> (__m256, __m256) {
    match width {
        1 => (
            _mm256_blend_ps::<0b1010_1010>(a, _mm256_moveldup_ps(b)),
            _mm256_blend_ps::<0b1010_1010>(_mm256_movehdup_ps(a), b),
        ),
        2 => (_mm256_shuffle_ps::<0x44>(a, b), _mm256_shuffle_ps::<0xEE>(a, b)),
        _ => (_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b)),
    }
}
#[inline]
#[target_feature(enable = "avx2")]
fn exchange_f64(a: __m256d, b: __m256d, width: usize) -> (__m256d, __m256d) {
    match width {
        1 => (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)),
        _ => (_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b)),
    }
}
