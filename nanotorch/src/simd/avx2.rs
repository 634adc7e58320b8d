//! AVX2 and FMA: 8 `f32` or 4 `f64` a register, 16 registers, masks as registers of all-ones and all-zeros lanes.

use core::arch::x86_64::*;

use generic_array::typenum::{U4, U8};

use super::operators::vector_operators;
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

        /// All bits of a lane set, or none.
        #[derive(Clone, Copy, Debug)]
        pub struct $mask($register);
        impl Mask for $mask {
            #[inline(always)]
            fn any(self) -> bool {
                // SAFETY: a mask exists only where AVX2 does.
                unsafe { $signs(self.0) != 0 }
            }
            #[inline(always)]
            fn all(self) -> bool {
                // SAFETY: a mask exists only where AVX2 does.
                unsafe { $signs(self.0) == (1 << $lanes) - 1 }
            }
        }
        impl core::ops::BitAnd for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitand(self, other: Self) -> Self {
                // SAFETY: a mask exists only where AVX2 does.
                Self(unsafe { $and(self.0, other.0) })
            }
        }
        impl core::ops::BitOr for $mask {
            type Output = Self;
            #[inline(always)]
            fn bitor(self, other: Self) -> Self {
                // SAFETY: a mask exists only where AVX2 does.
                Self(unsafe { $or(self.0, other.0) })
            }
        }
        impl core::ops::Not for $mask {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                // SAFETY: a mask exists only where AVX2 does.
                Self(unsafe { $xor(self.0, $from_integers($set(-1))) })
            }
        }

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
            /// 2^n for an integral-valued n of the normal range.
            #[inline(always)]
            fn power_of_two(n: Self) -> Self {
                // Added to 1.5 * 2^fraction, an integer stands in the low bits of the sum.
                const BIAS: i32 = $scalar::MAX_EXP - 1;
                const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
                // SAFETY: a vector exists only where AVX2 does.
                Self(unsafe {
                    let shifted = $add(n.0, $set1(1.5 / $scalar::EPSILON + BIAS as $scalar));
                    $from_integers($shift_left::<SHIFT>($to_integers(shifted)))
                })
            }
        }

        impl Vector for $vector {
            type Scalar = $scalar;
            type Isa = Avx2;
            type Lanes = $length;
            type Mask = $mask;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn isa(self) -> Avx2 {
                Avx2(())
            }
            #[inline(always)]
            fn splat(_: Avx2, number: $scalar) -> Self {
                // SAFETY: the token.
                Self(unsafe { $set1(number) })
            }
            #[inline(always)]
            unsafe fn load_pointer(_: Avx2, source: *const $scalar) -> Self {
                // SAFETY: the token, and the caller's pointer.
                Self(unsafe { $load(source) })
            }
            #[inline(always)]
            unsafe fn store_pointer(self, target: *mut $scalar) {
                // SAFETY: a vector exists, and the caller's pointer.
                unsafe { $store(target, self.0) }
            }
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
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $fmadd(self.0, factor.0, addend.0) })
            }
            #[inline(always)]
            fn neg_mul_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $fnmadd(self.0, factor.0, addend.0) })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $andnot($set1(-0.0), self.0) })
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $max(self.0, other.0) })
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $min(self.0, other.0) })
            }
            #[inline(always)]
            fn floor(self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $round::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0) })
            }
            #[inline(always)]
            fn round_ties_even(self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $round::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self.0) })
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe {
                    let bit = $set1(-0.0);
                    $or($andnot(bit, self.0), $and(bit, sign.0))
                })
            }
            #[inline(always)]
            fn with_sign_of(self, sign: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $or(self.0, $and($set1(-0.0), sign.0)) })
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $mask {
                // SAFETY: a vector exists.
                $mask(unsafe { $compare::<_CMP_LT_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn le(self, other: Self) -> $mask {
                // SAFETY: a vector exists.
                $mask(unsafe { $compare::<_CMP_LE_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn gt(self, other: Self) -> $mask {
                // SAFETY: a vector exists.
                $mask(unsafe { $compare::<_CMP_GT_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn ge(self, other: Self) -> $mask {
                // SAFETY: a vector exists.
                $mask(unsafe { $compare::<_CMP_GE_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn eq(self, other: Self) -> $mask {
                // SAFETY: a vector exists.
                $mask(unsafe { $compare::<_CMP_EQ_OQ>(self.0, other.0) })
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                // SAFETY: a vector exists.
                Self(unsafe { $blend(no.0, yes.0, mask.0) })
            }
            #[inline(always)]
            fn scale_by_power_of_two(self, n: Self) -> Self {
                // Two factors, since 2^n alone may be out of range where the product isn't; the bounds of n are what two
                // normal powers of two can reach.
                const MOST: $scalar = 2.0 * ($scalar::MAX_EXP - 1) as $scalar;
                let simd = Avx2(());
                let n = n.max(Self::splat(simd, 2.0 - MOST)).min(Self::splat(simd, MOST));
                let half = (n * Self::splat(simd, 0.5)).round_ties_even();
                self * Self::power_of_two(half) * Self::power_of_two(n - half)
            }
            #[inline(always)]
            fn scale_by_shifted(self, shifted: Self) -> Self {
                // SAFETY: a vector exists.
                let power = unsafe {
                    let exponent = $shift_left::<{ $scalar::MANTISSA_DIGITS as i32 - 1 }>($to_integers(shifted.0));
                    $from_integers($add_integers(exponent, $to_integers($set1(1.0))))
                };
                self * Self(power)
            }
            #[inline(always)]
            fn scale_down_by_shifted(self, shifted: Self) -> Self {
                // By a normal power of two, and then by one that rounds.
                const DOWN: $scalar = $scalar::EPSILON * $scalar::EPSILON;
                // SAFETY: a vector exists.
                let power = unsafe {
                    let exponent = $shift_left::<{ $scalar::MANTISSA_DIGITS as i32 - 1 }>($to_integers(shifted.0));
                    $from_integers($add_integers(exponent, $to_integers($set1(1.0 / DOWN))))
                };
                self * Self(power) * Self::splat(self.isa(), DOWN)
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                const BIAS: i32 = $scalar::MAX_EXP - 1;
                const SHIFT: i32 = $scalar::MANTISSA_DIGITS as i32 - 1;
                const ONE: $bits = ($scalar::to_bits(1.0)) as $bits;
                const FRACTION: $bits = (1 << SHIFT) - 1;
                let simd = Avx2(());
                let zero = Self::zero(simd);
                // A subnormal is made normal first.
                let subnormal = self.lt(Self::splat(simd, $scalar::MIN_POSITIVE));
                let lifted = self * Self::splat(simd, 2.0 / $scalar::EPSILON);
                let normal = Self::select(subnormal, lifted, self);
                let lift = Self::select(subnormal, Self::splat(simd, (SHIFT + 1) as $scalar), zero);
                // SAFETY: a vector exists.
                unsafe {
                    let bits = $to_integers(normal.0);
                    let fraction = _mm256_and_si256(bits, $set(FRACTION));
                    let mantissa = Self($from_integers(_mm256_or_si256(fraction, $set(ONE))));
                    // The exponent's bits below those of 2^fraction make a number that is larger by just the exponent.
                    let offset = 1.0 / $scalar::EPSILON;
                    let field = _mm256_or_si256($shift_right::<SHIFT>(bits), $to_integers($set1(offset)));
                    let exponent = Self($from_integers(field)) - Self($set1(offset + BIAS as $scalar));
                    (mantissa, exponent - lift)
                }
            }
            #[inline(always)]
            fn exchange(self, other: Self, width: usize) -> (Self, Self) {
                // SAFETY: a vector exists.
                let (even, odd) = unsafe { $exchange(self.0, other.0, width) };
                (Self(even), Self(odd))
            }
            #[inline(always)]
            fn sum(self) -> $scalar {
                // SAFETY: a vector exists.
                unsafe { $sum(self.0) }
            }
            #[inline(always)]
            fn maximum(self) -> $scalar {
                // SAFETY: a vector exists.
                unsafe { $maximum(self.0) }
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
