//! `pow`.
//!
//! `x^y = 2^(y log2 x)`, where the product reaches the size of the largest exponent and its fraction becomes the result's digits: so
//! logarithm and product are sums of two numbers each, of which the second one holds what rounding took from the first.

use super::exponential::{EXP2_TAIL, round};
use super::table::{Constant, Polynomial, is_single, one, product_error};
use crate::element::Float;
use crate::simd::{Mask, Simd, Vector};

/// Eight numbers for each precision.
struct Eight {
    single: [f64; 8],
    double: [f64; 8],
}

impl Eight {
    /// The number for each lane, which is from 3/4 to 3/2: one for each eighth of an octave from 1 on, then from 3/4 on.
    #[inline(always)]
    fn at<V: Vector>(&self, x: V) -> V {
        let numbers = if is_single::<V::Scalar>() { &self.single } else { &self.double };
        x.pick(V::Scalar::FRACTION_BITS - 3, &numbers.map(V::Scalar::from_f64))
    }
}

/// Nearly `1/x`, of so few digits that `factor x - 1` is exact.
const FACTORS: [f64; 8] = [1.0, 27.0 / 32.0, 0.75, 11.0 / 16.0, 1.25, 19.0 / 16.0, 1.125, 1.0];
const FACTOR: Eight = Eight { single: FACTORS, double: FACTORS };

/// `-log2(factor)`, of so few digits that a whole exponent can be added exactly.
const LOG: Eight = Eight {
    single: [
        0.0,
        0.2451171875,
        0.4150390625,
        0.54058837890625,
        -0.3218994140625,
        -0.2479248046875,
        -0.169921875,
        0.0,
    ],
    double: [
        0.0,
        0.24511249783608946,
        0.4150374992786965,
        0.5405683813623909,
        -0.32192809488697094,
        -0.24792751344375574,
        -0.16992500144260703,
        0.0,
    ],
};

/// What [`LOG`] leaves out.
const LOG_REST: Eight = Eight {
    single: [
        0.0,
        -4.68966345579247e-06,
        -1.5632211898264359e-06,
        -1.9997543859062716e-05,
        -2.8680824470939115e-05,
        -2.7087560283689527e-06,
        -3.1264423796528718e-06,
        0.0,
    ],
    double: [
        0.0,
        4.4199545957345896e-13,
        1.4733181985781966e-13,
        3.1180651700181383e-13,
        -3.914087556296025e-13,
        1.7024883460791358e-13,
        2.9466363971563933e-13,
        0.0,
    ],
};

/// In single precision `(log(1 + f) - f + f²/2) / f³`, in double precision `(log(1 + f) - f + f²/2 - f³/3) / f⁴`, for `f` from -1/16
/// to 1/8.
const TAIL: Polynomial = Polynomial {
    single: &[
        0.3333333432674408,
        -0.24999985098838806,
        0.19999383389949799,
        -0.16675077378749847,
        0.144084170460701,
        -0.11484719812870026,
    ],
    double: &[
        -0.25,
        0.19999999999999882,
        -0.16666666666662566,
        0.14285714286051499,
        -0.12500000009155493,
        0.11111110879890414,
        -0.09999993238270409,
        0.0909094613175574,
        -0.08335296697016824,
        0.07700147742088806,
        -0.06971511965077262,
        0.048007964889472655,
    ],
};

/// `log2(e)` and a third, in two parts each.
const LOG2_E: [Constant; 2] = [
    Constant::new(1.4426950216293335, core::f64::consts::LOG2_E),
    Constant::new(1.925963033500011e-08, 2.0355273740931033e-17),
];
const THIRD: [Constant; 2] = [Constant::same(1.0 / 3.0), Constant::same(1.850371707708594e-17)];

/// An exponent that is larger is as good as infinite, whatever is raised but 1.
const LARGEST_EXPONENT: Constant = Constant::new(4294967296.0, 18446744073709551616.0);
/// Within this, of either sign, the result is a normal number.
const ALL_NORMAL: Constant = Constant::new(125.0, 1021.0);
/// From here on the result is infinite.
const OVERFLOWS: Constant = Constant::new(129.0, 1025.0);
/// From here on it is 0.
const VANISHES: Constant = Constant::new(-151.0, -1076.0);

/// A number and what rounding took from it.
#[derive(Clone, Copy)]
struct Pair<V> {
    high: V,
    low: V,
}

/// The sum of `high`, which is larger or 0, and `low`.
#[inline(always)]
fn sum<V: Vector>(high: V, low: V) -> Pair<V> {
    let sum = high + low;
    Pair { high: sum, low: (high - sum) + low }
}

#[inline(always)]
fn product<V: Vector>(a: Pair<V>, b: V) -> Pair<V> {
    let high = a.high * b;
    Pair { high, low: a.low.mul_add(b, product_error(a.high, b, high)) }
}

/// `log2(x)`, for positive normal `x`.
#[inline(always)]
fn log2<V: Vector>(x: V) -> Pair<V> {
    let (one, half) = (one(x), Constant::same(0.5).like(x));
    let (significand, exponent) = x.split_near_one();
    let factor = FACTOR.at(significand);
    let nearly_one = significand * factor;
    // x = 2^exponent (1 + f) / factor, where nothing is rounded.
    let f = (nearly_one - one) + product_error(significand, factor, nearly_one);
    let square = f * f;
    let square_low = product_error(f, f, square);
    // log(1 + f) = f - f²/2 + ..: what is added is always smaller than what is there.
    let start = sum(f, -(half * square));
    let rest = square_low.neg_mul_add(half, start.low);
    let log = if is_single::<V::Scalar>() {
        sum(start.high, (TAIL.at(f) * square).mul_add(f, rest))
    } else {
        let cube = square * f;
        let cube = Pair { high: cube, low: square_low.mul_add(f, product_error(square, f, cube)) };
        let third = product(cube, THIRD[0].like(x));
        let start = sum(start.high, third.high);
        let low = cube.high.mul_add(THIRD[1].like(x), third.low) + (start.low + rest);
        sum(start.high, (TAIL.at(f) * square).mul_add(square, low))
    };
    let base_2 = product(log, LOG2_E[0].like(x));
    let low = log.high.mul_add(LOG2_E[1].like(x), base_2.low);
    let whole = exponent.mul_add(V::splat(x.isa(), V::Scalar::EPSILON), LOG.at(significand));
    let log = sum(whole, base_2.high);
    Pair { high: log.high, low: log.low + (low + LOG_REST.at(significand)) }
}

/// `x^y`, within 2 ulp.
///
/// The largest errors that were seen, in units of the last place, over 4 million pairs each: bases of all sizes with exponents that
/// reach all results, bases near 1, and whole exponents.
///
/// | | fused | scalar |
/// | --- | --- | --- |
/// | `f32` | 1.34 | 1.65 |
/// | `f64` | 1.11 | 1.37 |
///
/// A negative number has powers for whole exponents only, with the sign that they give; else the power is NaN. Zeros, infinities and
/// NaN are as in C, and so in PyTorch: `x^0 = 1^y = 1` whatever the other number is, `0^-1` is infinite, `(-1)^∞ = 1`.
#[inline(always)]
pub fn pow<V: Vector>(x: V, y: V) -> V {
    let size = x.abs();
    let normal =
        size.ge(V::splat(x.isa(), V::Scalar::MIN_POSITIVE)) & size.le(V::splat(x.isa(), V::Scalar::MAX));
    if normal.all() {
        let power = product(log2(size), bounded(y));
        if power.high.abs().le(ALL_NORMAL.like(x)).all() {
            let (shifted, exponent) = round(power.high, one(x));
            let value = significand(power, exponent).scale_by_shifted(shifted);
            return if x.gt(V::zero(x.isa())).all() { value } else { with_sign(x, y, value) };
        }
    }
    pow_of_any(x, y)
}

/// An exponent that can be multiplied without overflow; NaN stays.
#[inline(always)]
fn bounded<V: Vector>(y: V) -> V {
    let largest = LARGEST_EXPONENT.like(y);
    (-largest).max(largest.min(y))
}

/// `2^(power - exponent)`.
#[inline(always)]
fn significand<V: Vector>(power: Pair<V>, exponent: V) -> V {
    let rest = (power.high - exponent) + power.low;
    EXP2_TAIL.at(rest).mul_add(rest, one(rest))
}

/// The power of a number that may be negative, given that of its size.
#[inline(always)]
fn with_sign<V: Vector>(x: V, y: V, value: V) -> V {
    let whole = y.floor().eq(y);
    let half = y * Constant::same(0.5).like(y);
    let odd = whole & !half.floor().eq(half);
    let signed = V::select(odd, value.copysign(x), value);
    // Minus infinity has powers like a very large even number's root.
    let negative = x.lt(V::zero(x.isa())) & x.gt(V::splat(x.isa(), V::Scalar::NEG_INFINITY));
    V::select(negative & !whole, V::splat(x.isa(), V::Scalar::NAN), signed)
}

/// The same numbers as [`pow`], for all lanes.
#[cold]
#[inline(never)]
fn pow_of_any<V: Vector>(x: V, y: V) -> V {
    x.isa().vectorize(
        #[inline(always)]
        || {
            let (zero, one) = (V::zero(x.isa()), one(x));
            let (infinity, nan) = (V::splat(x.isa(), V::Scalar::INFINITY), V::splat(x.isa(), V::Scalar::NAN));
            let size = x.abs();
            // What is subnormal is made normal first.
            let subnormal = size.lt(V::splat(x.isa(), V::Scalar::MIN_POSITIVE));
            let lift = Constant::new(16_777_216.0, 9_007_199_254_740_992.0).like(x);
            let log = log2(V::select(subnormal, size * lift, size));
            let lowered = sum(log.high, -Constant::new(24.0, 53.0).like(x));
            let (none, endless) = (size.eq(zero), size.eq(infinity));
            let high = V::select(subnormal, lowered.high, log.high);
            let low = V::select(subnormal, lowered.low + log.low, log.low);
            let high = V::select(none, -infinity, V::select(endless, infinity, high));
            let low = V::select(none | endless, zero, low);
            let power = product(Pair { high, low }, bounded(y));
            // Far away the second part is no matter, and may be anything.
            let near = power.high.abs().lt(Constant::new(200.0, 1200.0).like(x));
            let low = V::select(near, power.low, zero);
            let high = VANISHES.like(x).max(OVERFLOWS.like(x).min(power.high));
            let (_, exponent) = round(high, one);
            let value = significand(Pair { high, low }, exponent).scale_by_power_of_two(exponent);
            let value = V::select(x.is_nan() | y.is_nan(), nan, with_sign(x, y, value));
            V::select(y.eq(zero) | x.eq(one), one, value)
        },
    )
}
