//! What a register can do.

use core::fmt::Debug;
use core::ops::{Add, AddAssign, BitAnd, BitOr, Div, Mul, MulAssign, Neg, Not, Sub, SubAssign};

use generic_array::{ArrayLength, GenericArray};

use super::Simd;
use crate::element::Float;

/// One truth value for each lane of a [`Vector`].
pub trait Mask: Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> {
    /// Whether it holds in some lane.
    fn any(self) -> bool;
    /// Whether it holds in every lane.
    fn all(self) -> bool;
}

/// Tables of 32 numbers for [`Vector::look_up`], each of them in two lines of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Tables<const TABLES: usize>(pub [[f32; 32]; TABLES]);

/// A register of [`Self::LANES`] numbers. Operators and methods work lane by lane.
///
/// A vector can only be made from a token of its instruction set (`simd`), so having one proves that the machine can compute
/// with it, and arithmetic is safe.
pub trait Vector:
    Copy
    + Debug
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// The number in each lane.
    type Scalar: Float;
    /// The instruction set that the register belongs to.
    type Isa: Simd;
    /// The number of lanes, as a type.
    type Lanes: ArrayLength;
    /// The result of a comparison.
    type Mask: Mask;
    /// The number of lanes.
    const LANES: usize;

    /// The proof that the machine has this instruction set.
    fn isa(self) -> Self::Isa;
    /// `number` in every lane.
    fn splat(simd: Self::Isa, number: Self::Scalar) -> Self;
    /// 0 in every lane.
    #[inline(always)]
    fn zero(simd: Self::Isa) -> Self {
        Self::splat(simd, Self::Scalar::ZERO)
    }

    /// Reads [`Self::LANES`] numbers.
    /// # Safety
    /// `source` is valid for reading that many; it need not be aligned.
    unsafe fn load_pointer(simd: Self::Isa, source: *const Self::Scalar) -> Self;
    /// Writes [`Self::LANES`] numbers.
    /// # Safety
    /// `target` is valid for writing that many; it need not be aligned.
    unsafe fn store_pointer(self, target: *mut Self::Scalar);
    /// Reads `count` numbers into the first lanes; the other lanes are those of `fill`. Memory behind them isn't touched.
    /// # Safety
    /// `count <= LANES`, and `source` is valid for reading `count` numbers.
    unsafe fn load_partial_pointer(
        simd: Self::Isa,
        source: *const Self::Scalar,
        count: usize,
        fill: Self,
    ) -> Self;
    /// Writes the first `count` lanes. Memory behind them isn't touched.
    /// # Safety
    /// `count <= LANES`, and `target` is valid for writing `count` numbers.
    unsafe fn store_partial_pointer(self, target: *mut Self::Scalar, count: usize);

    /// The first [`Self::LANES`] numbers of `source`, which must have them.
    #[inline(always)]
    fn load(simd: Self::Isa, source: &[Self::Scalar]) -> Self {
        assert!(source.len() >= Self::LANES);
        // SAFETY: the slice is long enough, as just checked.
        unsafe { Self::load_pointer(simd, source.as_ptr()) }
    }
    /// Writes all lanes to the start of `target`, which must have room for them.
    #[inline(always)]
    fn store(self, target: &mut [Self::Scalar]) {
        assert!(target.len() >= Self::LANES);
        // SAFETY: the slice is long enough, as just checked.
        unsafe { self.store_pointer(target.as_mut_ptr()) }
    }
    /// The numbers of `source`, at most [`Self::LANES`] of them, and `fill` in the lanes that are left.
    #[inline(always)]
    fn load_partial(simd: Self::Isa, source: &[Self::Scalar], fill: Self::Scalar) -> Self {
        let count = source.len().min(Self::LANES);
        // SAFETY: `count` is at most the length of the slice and the number of lanes.
        unsafe { Self::load_partial_pointer(simd, source.as_ptr(), count, Self::splat(simd, fill)) }
    }
    /// Writes as many lanes as `target` has room for, at most all.
    #[inline(always)]
    fn store_partial(self, target: &mut [Self::Scalar]) {
        let count = target.len().min(Self::LANES);
        // SAFETY: `count` is at most the length of the slice and the number of lanes.
        unsafe { self.store_partial_pointer(target.as_mut_ptr(), count) }
    }
    /// The numbers of an array.
    #[inline(always)]
    fn from_array(simd: Self::Isa, array: &GenericArray<Self::Scalar, Self::Lanes>) -> Self {
        Self::load(simd, array.as_slice())
    }
    /// The lanes as an array.
    #[inline(always)]
    fn to_array(self) -> GenericArray<Self::Scalar, Self::Lanes> {
        let mut array = GenericArray::default();
        self.store(&mut array);
        array
    }

    /// `self * factor + addend`, rounded once, except in [`Scalar`](super::Scalar), which rounds the product too.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// `addend - self * factor`, rounded as in [`Self::mul_add`].
    fn neg_mul_add(self, factor: Self, addend: Self) -> Self;
    /// |x|: the sign bit cleared.
    fn abs(self) -> Self;
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// `self` where `self > other`, else `other`: so `other` where either is NaN, and `zero.max(x)` keeps a NaN in `x`.
    fn max(self, other: Self) -> Self;
    /// `self` where `self < other`, else `other`: so `other` where either is NaN.
    fn min(self, other: Self) -> Self;
    /// The largest integer that is not above.
    fn floor(self) -> Self;
    /// The nearest integer, the even one where two are as near.
    fn round_ties_even(self) -> Self;
    /// The magnitude of `self` with the sign bit of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// As [`Self::copysign`], of a number whose own sign is positive.
    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        self.copysign(sign)
    }

    /// The same numbers, as constants: a [`Dual`](super::Dual) forgets its rate of change, whoever has none is left as it is.
    ///
    /// For numbers that jump though they are computed by operations that don't: a sum that rounds because it is large, say.
    #[inline(always)]
    fn constant(self) -> Self {
        self
    }

    /// `self < other`; false where either is NaN.
    fn lt(self, other: Self) -> Self::Mask;
    /// `self <= other`; false where either is NaN.
    fn le(self, other: Self) -> Self::Mask;
    /// `self > other`; false where either is NaN.
    fn gt(self, other: Self) -> Self::Mask;
    /// `self >= other`; false where either is NaN.
    fn ge(self, other: Self) -> Self::Mask;
    /// `self == other`; false where either is NaN.
    fn eq(self, other: Self) -> Self::Mask;
    /// Where it is NaN.
    #[inline(always)]
    fn is_nan(self) -> Self::Mask {
        !self.eq(self)
    }
    /// `yes` where `mask` holds, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// x * 2^n for an integral-valued `n`, rounded once also where the result is subnormal, infinite where it is too large.
    ///
    /// Right for |x| from 2^-62 to 2^62 (and 0, infinities, NaN) and for every `n` but NaN.
    fn scale_by_power_of_two(self, n: Self) -> Self;
    /// x * 2^n for `shifted` = n + 1.5 * 2^[`FRACTION_BITS`](Float::FRACTION_BITS), if the product is a normal number.
    ///
    /// An addition that rounds to a whole number yields n in this form, and its last bits are those of the power of two.
    fn scale_by_shifted(self, shifted: Self) -> Self;
    /// As [`Self::scale_by_shifted`] where the product may be subnormal, for |x| at most 2^16 and n from -170 (f64: -1120) to 0.
    fn scale_down_by_shifted(self, shifted: Self) -> Self;
    /// The number of `table` whose place, 0 to 7, is in the bits `shift`, `shift + 1` and `shift + 2` of the lane.
    #[inline(always)]
    fn pick(self, shift: u32, table: &[Self::Scalar; 8]) -> Self {
        let mut lanes = self.to_array();
        for lane in &mut lanes {
            *lane = table[(lane.to_bits() >> shift & 7) as usize];
        }
        Self::from_array(self.isa(), &lanes)
    }
    /// (m, e * 2^[`FRACTION_BITS`](Float::FRACTION_BITS)) with x = m * 2^e, m from 3/4 (included) to 3/2 (not), e integral-valued;
    /// for positive normal x.
    ///
    /// As an integer, the representation of e is that multiple of it.
    #[inline(always)]
    fn split_near_one(self) -> (Self, Self) {
        let number = |number| Self::splat(self.isa(), Self::Scalar::from_f64(number));
        let (mantissa, exponent) = self.split_exponent();
        let large = mantissa.ge(number(1.5));
        let mantissa = Self::select(large, mantissa * number(0.5), mantissa);
        let exponent = Self::select(large, exponent + number(1.0), exponent);
        (mantissa, exponent * (number(1.0) / Self::splat(self.isa(), Self::Scalar::EPSILON)))
    }
    /// (m, e) with x = m * 2^e, m from 1 (included) to 2 (not), e integral-valued.
    ///
    /// For positive finite x, subnormal ones included; for others the pair is unspecified.
    fn split_exponent(self) -> (Self, Self);

    /// Lanes in blocks of `width` (a power of two below [`Self::LANES`]): ([a0 b0 a2 b2 ..], [a1 b1 a3 b3 ..]), the blocks of
    /// `self` being a0 a1 a2 .. and those of `other` b0 b1 b2 ...
    ///
    /// A step of a transposition, or of a sum of many vectors. `width` should be a constant.
    fn exchange(self, other: Self, width: usize) -> (Self, Self);
    /// The lanes of both in turns: ([a0 b0 a1 b1 ..], and so on with the second halves).
    #[inline(always)]
    fn zip(self, other: Self) -> (Self, Self) {
        let (mut low, mut high, mut width) = (self, other, 1);
        while width < Self::LANES {
            (low, high) = low.exchange(high, width);
            width *= 2;
        }
        (low, high)
    }
    /// What [`Self::zip`] made one of: the lanes at even places of both, one after the other, and those at odd places.
    #[inline(always)]
    fn unzip(self, other: Self) -> (Self, Self) {
        let (mut even, mut odd, mut width) = (self, other, Self::LANES / 2);
        while width > 0 {
            (even, odd) = even.exchange(odd, width);
            width /= 2;
        }
        (even, odd)
    }
    /// Rows to columns in each block of four lanes: lane j of row i becomes lane i of row j. Fewer lanes than four stay as
    /// they are.
    #[inline(always)]
    fn transpose_fours([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        if Self::LANES < 4 {
            return [a, b, c, d];
        }
        let ((a, b), (c, d)) = (a.exchange(b, 1), c.exchange(d, 1));
        let ((a, c), (b, d)) = (a.exchange(c, 2), b.exchange(d, 2));
        [a, b, c, d]
    }
    /// In each block of four lanes, lane i of the result is the sum of the four lanes of row i, added in pairs. Fewer lanes than
    /// four are those of the first row.
    #[inline(always)]
    fn sum_fours([a, b, c, d]: [Self; 4]) -> Self {
        if Self::LANES < 4 {
            return a;
        }
        let ((a, b), (c, d)) = (a.exchange(b, 1), c.exchange(d, 1));
        let (low, high) = (a + b).exchange(c + d, 2);
        low + high
    }
    /// In each block of four lanes (or of all lanes, where there are fewer), the lane `place` in all of them. `place` should be
    /// a constant.
    #[inline(always)]
    fn spread_in_fours(self, place: usize) -> Self {
        let given = self.to_array();
        let mut lanes = given.clone();
        for lane in 0..Self::LANES {
            lanes[lane] = given[lane - lane % 4 + place];
        }
        Self::from_array(self.isa(), &lanes)
    }
    /// The first lane of each block of four lanes, then the second of each, and so on. Fewer lanes than four stay as they are.
    #[inline(always)]
    fn deal_fours(self) -> Self {
        let given = self.to_array();
        let mut lanes = given.clone();
        let blocks = Self::LANES.div_ceil(4);
        for lane in 0..Self::LANES {
            lanes[lane] = given[lane / blocks + 4 * (lane % blocks)];
        }
        Self::from_array(self.isa(), &lanes)
    }
    /// Whether [`Self::join`] is one instruction.
    const JOINS: bool = false;
    /// The lanes of `self` from `start` on, and as many of the first ones of `next` as there is room for; `start <= LANES`.
    #[inline(always)]
    fn join(self, next: Self, start: usize) -> Self {
        let (given, next) = (self.to_array(), next.to_array());
        let mut lanes = given.clone();
        for lane in 0..Self::LANES {
            let from = lane + start;
            lanes[lane] = if from < Self::LANES { given[from] } else { next[from - Self::LANES] };
        }
        Self::from_array(self.isa(), &lanes)
    }
    /// For each table the entry of the quarter of an octave in which the number of a lane is, which must not be negative;
    /// `None` where an instruction set has no look-up in registers.
    ///
    /// Entry `(12 + i) % 32` is that of the numbers from `2^(e - 4) (1 + q / 4)` on, with `i = 4 e + q` and `q < 4`. Entry 12 is
    /// that of all smaller ones too, entry 11 that of all from 14 on, and of NaN.
    #[inline(always)]
    fn look_up<const TABLES: usize>(self, _: &Tables<TABLES>) -> Option<[Self; TABLES]> {
        None
    }
    /// Rows to columns: lane j of row i becomes lane i of row j.
    #[inline(always)]
    fn transpose(mut rows: GenericArray<Self, Self::Lanes>) -> GenericArray<Self, Self::Lanes> {
        // One swap of off-diagonal blocks for each bit of the row number.
        #[inline(always)]
        fn step<V: Vector>(rows: &mut GenericArray<V, V::Lanes>, width: usize) {
            if width < V::LANES {
                for i in 0..V::LANES {
                    if i & width == 0 {
                        (rows[i], rows[i + width]) = rows[i].exchange(rows[i + width], width);
                    }
                }
            }
        }
        const { assert!(Self::LANES <= 16) };
        if Self::LANES >= 4 {
            for i in (0..Self::LANES).step_by(4) {
                let block = Self::transpose_fours([rows[i], rows[i + 1], rows[i + 2], rows[i + 3]]);
                [rows[i], rows[i + 1], rows[i + 2], rows[i + 3]] = block;
            }
        } else {
            step(&mut rows, 1);
        }
        step(&mut rows, 4);
        step(&mut rows, 8);
        rows
    }
    /// Lane i of the result is the sum of the lanes of row i: first of each four ([`Self::sum_fours`]), then of those in pairs.
    #[inline(always)]
    fn sum_rows(mut rows: GenericArray<Self, Self::Lanes>) -> Self {
        // After the step of `width`, row i (a multiple of 2 width) holds partial sums of rows i .. i + 2 width.
        #[inline(always)]
        fn step<V: Vector>(rows: &mut GenericArray<V, V::Lanes>, width: usize) {
            if width < V::LANES {
                for i in 0..V::LANES {
                    if i & (2 * width - 1) == 0 {
                        let (even, odd) = rows[i].exchange(rows[i + width], width);
                        rows[i] = even + odd;
                    }
                }
            }
        }
        const { assert!(Self::LANES <= 16) };
        if Self::LANES >= 4 {
            for i in (0..Self::LANES).step_by(4) {
                rows[i] = Self::sum_fours([rows[i], rows[i + 1], rows[i + 2], rows[i + 3]]);
            }
        } else {
            step(&mut rows, 1);
        }
        step(&mut rows, 4);
        step(&mut rows, 8);
        rows[0]
    }

    /// The sum of the lanes, by halves: the upper half is added to the lower until one lane is left.
    fn sum(self) -> Self::Scalar;
    /// The largest lane, by halves as in [`Self::sum`]; unspecified if a lane is NaN.
    fn maximum(self) -> Self::Scalar;
    /// The smallest lane, by halves as in [`Self::sum`]; unspecified if a lane is NaN.
    #[inline(always)]
    fn minimum(self) -> Self::Scalar {
        -(-self).maximum()
    }
}
