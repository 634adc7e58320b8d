//! `exp`, `exp2`, `expm1`.

use super::table::{Constant, Polynomial, one};
use crate::simd::{Mask, Simd, Vector};

/// `(exp(r) - 1 - r) / r²` for `|r| <= ln(2) / 2`.
const EXP_TAIL: Polynomial = Polynomial {
    single: &[
        0.4999999701976776,
        0.16666539013385773,
        0.04166775569319725,
        0.008367103524506092,
        0.0013836345169693232,
    ],
    double: &[
        0.5,
        0.16666666666666677,
        0.04166666666666651,
        0.008333333333321686,
        0.0013888888888961878,
        0.00019841269885981436,
        2.480158717362906e-05,
        2.7557244357111345e-06,
        2.7557401607459357e-07,
        2.510898530342494e-08,
        2.0875682013866412e-09,
    ],
};

/// `(2^r - 1) / r` for `|r| <= 1 / 2`.
pub(super) const EXP2_TAIL: Polynomial = Polynomial {
    single: &[
        0.6931471824645996,
        0.24022594094276428,
        0.055503662675619125,
        0.009625445120036602,
        0.0013387927319854498,
        0.00013332489470485598,
    ],
    double: &[
        core::f64::consts::LN_2,
        0.24022650695910072,
        0.05550410866482169,
        0.00961812910762833,
        0.0013333558146392688,
        0.00015403530393640622,
        1.5252733854320731e-05,
        1.321548659501158e-06,
        1.017805194081106e-07,
        7.054974434510242e-09,
        4.456570700557893e-10,
        2.5625490228215784e-11,
    ],
};

const LOG2_E: Constant = Constant::same(core::f64::consts::LOG2_E);
/// The leading bits of ln 2: few enough that a product with any exponent is exact, fused or not.
pub(super) const LN_2_HIGH: Constant = Constant::new(0.693145751953125, 0.693147180559663);
/// What `LN_2_HIGH` leaves out.
pub(super) const LN_2_LOW: Constant = Constant::new(1.428606765330187e-06, 2.8235290563031577e-13);

/// Above this `exp` is infinite.
const LARGEST: Constant = Constant::new(89.0, 710.0);
/// Below this `exp` is less than half the smallest subnormal number, and so rounds to 0.
const SMALLEST: Constant = Constant::new(-104.0, -746.0);

/// From here on `exp` is a normal number.
const SMALLEST_NORMAL: Constant = Constant::new(-87.33654, -708.396);

/// `exp(x) = (1 + excess) * 2^exponent`, not yet multiplied out: the caller may have more to put in before the one
/// rounding that a subnormal result suffers.
#[derive(Clone, Copy)]
pub(super) struct Exponential<V> {
    /// In `[-0.293, 0.415]`, accurate relative to itself.
    pub(super) excess: V,
    /// `1 + excess`, in `[0.707, 1.415]`.
    pub(super) significand: V,
    /// A whole number.
    pub(super) exponent: V,
    /// The same as [`Vector::scale_by_shifted`] takes it.
    shifted: V,
}

/// A sum in which the last digit counts as 1.
const SHIFT: Constant = Constant::new(12_582_912.0, 6_755_399_441_055_744.0);

/// The integer that is nearest to `x * factor`, which is far below 1 / epsilon, plus [`SHIFT`], and by itself.
///
/// The addition rounds; with a fused multiplication that is one instruction and the subtraction another.
#[inline(always)]
pub(super) fn round<V: Vector>(x: V, factor: V) -> (V, V) {
    let shift = SHIFT.like(x);
    let shifted = x.mul_add(factor, shift).constant();
    (shifted, shifted - shift)
}

impl<V: Vector> Exponential<V> {
    /// The parts of `exp(x)` for `x` that is in the range of exponents, or NaN.
    #[inline(always)]
    pub(super) fn of(x: V) -> Self {
        let (shifted, exponent) = round(x, LOG2_E.like(x));
        let rest = exponent.neg_mul_add(LN_2_HIGH.like(x), x);
        let rest = exponent.neg_mul_add(LN_2_LOW.like(x), rest);
        let tail = EXP_TAIL.at(rest);
        let excess = tail.mul_add(rest * rest, rest);
        let significand = tail.mul_add(rest, one(x)).mul_add(rest, one(x));
        Self { excess, significand, exponent, shifted }
    }

    /// The parts of `exp(-scale (high + low))`, where `scale` is a power of two, and `low` is what rounding took from `high`.
    #[inline(always)]
    pub(super) fn of_negated_sum(scale: f64, high: V, low: V) -> Self {
        // As above for x = -scale (high + low), with all numbers divided by -scale: the constants take it in exactly.
        let (shifted, exponent) = round(high, LOG2_E.times(-scale).like(high));
        let rest = exponent.mul_add(LN_2_HIGH.times(1.0 / scale).like(high), high);
        let rest = rest + exponent.mul_add(LN_2_LOW.times(1.0 / scale).like(high), low);
        let linear = Constant::same(-scale).like(high);
        let slope = EXP_TAIL.at_scaled(-scale, scale * scale, rest).mul_add(rest, linear);
        Self::of_product(slope, rest, exponent, shifted)
    }

    /// The parts of `2^-(high + low)`, where `low` is what rounding took from `high`.
    #[inline(always)]
    pub(super) fn of_negated_powers(high: V, low: V) -> Self {
        let (shifted, exponent) = round(high, -one(high));
        let rest = (high + exponent) + low;
        Self::of_product(EXP2_TAIL.at_scaled(-1.0, -1.0, rest), rest, exponent, shifted)
    }

    #[inline(always)]
    fn of_product(slope: V, rest: V, exponent: V, shifted: V) -> Self {
        Self { excess: slope * rest, significand: slope.mul_add(rest, one(rest)), exponent, shifted }
    }

    /// The exponential itself.
    #[inline(always)]
    pub(super) fn value(self) -> V {
        self.significand.scale_by_power_of_two(self.exponent)
    }

    /// The exponential itself, of an argument that is at most 0.
    #[inline(always)]
    pub(super) fn small_value(self) -> V {
        self.scale_down(self.significand)
    }

    /// `number * 2^exponent`, where the argument was at most 0, for numbers up to 2^16.
    #[inline(always)]
    pub(super) fn scale_down(self, number: V) -> V {
        number.scale_down_by_shifted(self.shifted)
    }

    /// The exponential itself, where it is a normal number.
    #[inline(always)]
    pub(super) fn normal_value(self) -> V {
        self.significand.scale_by_shifted(self.shifted)
    }

    /// The exponential less 1, for an argument that is not above 88.
    #[inline(always)]
    pub(super) fn less_one(self) -> V {
        let one = one(self.excess);
        let power = one.scale_by_power_of_two(self.exponent);
        self.excess.mul_add(power, power - one)
    }
}

/// `exp(x)` for `x` that is at most 0, and 0 instead of a subnormal result.
///
/// Where the exponentials of a row are added up, these don't count, and on many machines one of them costs as much as a hundred
/// others. Minus infinity, as in a mask, costs nothing.
#[inline(always)]
pub fn exp_or_zero<V: Vector>(x: V) -> V {
    let smallest = SMALLEST_NORMAL.like(x);
    let value = Exponential::of(smallest.max(x)).normal_value();
    V::select(x.lt(smallest), V::zero(x.isa()), value)
}

/// Within this, of either sign, `exp` and its power of two are normal numbers.
const ALL_NORMAL: Constant = Constant::new(87.0, 708.0);

/// `exp(x)`, within 1.2 ulp.
///
/// Where the result is below the smallest normal number it is rounded once, as the format has it.
#[inline(always)]
pub fn exp<V: Vector>(x: V) -> V {
    if x.abs().le(ALL_NORMAL.like(x)).all() { Exponential::of(x).normal_value() } else { exp_far(x) }
}

/// The same numbers as [`exp`], for all lanes.
#[cold]
#[inline(never)]
fn exp_far<V: Vector>(x: V) -> V {
    x.isa().vectorize(
        #[inline(always)]
        || Exponential::of(SMALLEST.like(x).max(LARGEST.like(x).min(x))).value(),
    )
}

/// `2^x`, within 1.5 ulp.
#[inline(always)]
pub fn exp2<V: Vector>(x: V) -> V {
    if x.abs().le(Constant::new(125.0, 1021.0).like(x)).all() {
        let (shifted, exponent) = round(x, one(x));
        return EXP2_TAIL.at(x - exponent).mul_add(x - exponent, one(x)).scale_by_shifted(shifted);
    }
    exp2_far(x)
}

/// The same numbers as [`exp2`], for all lanes.
#[cold]
#[inline(never)]
fn exp2_far<V: Vector>(x: V) -> V {
    x.isa().vectorize(
        #[inline(always)]
        || {
            let x = Constant::new(128.0, 1024.0).like(x).min(x);
            let x = Constant::new(-151.0, -1076.0).like(x).max(x);
            let (_, exponent) = round(x, one(x));
            EXP2_TAIL.at(x - exponent).mul_add(x - exponent, one(x)).scale_by_power_of_two(exponent)
        },
    )
}

/// `exp(x) - 1`, within 2 ulp, also where `x` is near 0.
#[inline(always)]
pub fn expm1<V: Vector>(x: V) -> V {
    let bounded = LARGEST.like(x).min(x);
    let bounded = Constant::new(-20.0, -40.0).like(x).max(bounded);
    let parts = Exponential::of(bounded);
    // At the top 2^exponent alone would overflow where the result doesn't: the half of everything, then doubled.
    let half = Constant::same(0.5).like(x);
    let power = half.scale_by_power_of_two(parts.exponent);
    let halved = parts.excess.mul_add(power, power - half);
    // The sign is that of x, also of a zero.
    (halved + halved).copysign(x)
}
