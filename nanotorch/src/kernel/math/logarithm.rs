//! `log`, `log1p`, `softplus`.

use super::exponential::{Exponential, LN_2_HIGH, LN_2_LOW};
use super::table::{Constant, Polynomial, is_single, one};
use crate::element::Float;
use crate::simd::{Mask, Simd, Vector};

/// In single precision `(log(1 + f) - f + f²/2) / f³` in powers of `f`; in double precision
/// `(log(1 + f) - 2 s) / s³` in powers of `s²`, `s = f / (2 + f)`: the odd series needs half the terms, and a division.
const LOG_TAIL: Polynomial = Polynomial {
    single: &[
        0.3333345353603363,
        -0.2500011622905731,
        0.19990716874599457,
        -0.16646455228328705,
        0.14478567242622375,
        -0.13169270753860474,
        0.10479313880205154,
        -0.04517487809062004,
    ],
    double: &[
        0.6666666666666734,
        0.39999999999414326,
        0.2857142874247344,
        0.2222219856366928,
        0.18183564854885217,
        0.15314036194252895,
        0.14796101302827813,
    ],
};

/// From here on `1 + f` is halved, so that `log(1 + f)` is small where it is added to `log(2)`.
const LARGE: Constant = Constant::new(1.5, core::f64::consts::SQRT_2);

/// What exponents are multiples of here: in single precision they are taken from the representation as they stand there.
const UNIT: Constant = Constant::new(8_388_608.0, 1.0);

/// `log(1 + f) + exponent / UNIT * log(2)` for `1 + f` from half of [`LARGE`] to all of it.
#[inline(always)]
fn log_of_parts<V: Vector>(f: V, exponent: V) -> V {
    let half = Constant::same(0.5).like(f);
    let square = f * f;
    if is_single::<V::Scalar>() {
        // log(2) is within 1/40 of a last place of a single-precision number.
        let log = LOG_TAIL.at(f).mul_add(f, -half).mul_add(square, f);
        exponent.mul_add(Constant::same(core::f64::consts::LN_2 / 8_388_608.0).like(f), log)
    } else {
        let s = f / (f + Constant::same(2.0).like(f));
        let z = s * s;
        let half_square = half * square;
        let low = exponent * LN_2_LOW.like(f);
        let correction = s.mul_add(LOG_TAIL.at(z).mul_add(z, half_square), low) - half_square;
        exponent.mul_add(LN_2_HIGH.like(f), f + correction)
    }
}

/// (m, e * UNIT) with positive normal x = m * 2^e, m from half of [`LARGE`] to all of it.
#[inline(always)]
fn split<V: Vector>(x: V) -> (V, V) {
    if is_single::<V::Scalar>() {
        return x.split_near_one();
    }
    let (significand, exponent) = x.split_exponent();
    let large = significand.gt(LARGE.like(x));
    let significand = V::select(large, significand * Constant::same(0.5).like(x), significand);
    (significand, V::select(large, exponent + one(x), exponent))
}

/// `log2(1 + f) + exponent / UNIT`, likewise. Where `f` is 0 it is the exponent, exactly.
#[inline(always)]
fn log2_of_parts<V: Vector>(f: V, exponent: V) -> V {
    let zero = V::zero(f.isa());
    let log = log_of_parts(f, zero);
    let whole = exponent * (one(f) / UNIT.like(f));
    // log2(e) in two parts: the first one is that of the nearest number.
    let high = Constant::new(1.4426950216293335, core::f64::consts::LOG2_E).like(f);
    let low = Constant::new(1.9259629911266175e-8, 2.0355273740931033e-17).like(f);
    log.mul_add(high, log.mul_add(low, whole))
}

/// `log(x)`, the natural logarithm, within 1.2 ulp.
///
/// `log(0)` is minus infinity, the logarithm of a negative number NaN.
#[inline(always)]
pub fn log<V: Vector>(x: V) -> V {
    if all_normal(x) {
        let (significand, exponent) = split(x);
        return log_of_parts(significand - one(x), exponent);
    }
    log_of_any(x, log_of_parts)
}

/// `log2(x)`, the logarithm to base 2, within 2.5 ulp; exact where `x` is a power of two.
///
/// `log2(0)` is minus infinity, the logarithm of a negative number NaN.
#[inline(always)]
pub fn log2<V: Vector>(x: V) -> V {
    if all_normal(x) {
        let (significand, exponent) = split(x);
        return log2_of_parts(significand - one(x), exponent);
    }
    log_of_any(x, log2_of_parts)
}

/// Whether all lanes are positive and neither subnormal nor infinite.
#[inline(always)]
fn all_normal<V: Vector>(x: V) -> bool {
    (x.ge(V::splat(x.isa(), V::Scalar::MIN_POSITIVE)) & x.le(V::splat(x.isa(), V::Scalar::MAX))).all()
}

/// The same numbers as [`log`] or [`log2`], for all lanes.
#[cold]
#[inline(never)]
fn log_of_any<V: Vector>(x: V, of_parts: impl Fn(V, V) -> V) -> V {
    x.isa().vectorize(
        #[inline(always)]
        || {
            let (zero, infinity) = (V::zero(x.isa()), V::splat(x.isa(), V::Scalar::INFINITY));
            // What is subnormal is made normal first.
            let subnormal = x.lt(V::splat(x.isa(), V::Scalar::MIN_POSITIVE));
            let lift = Constant::new(24.0 * 8_388_608.0, 53.0).like(x);
            let lifted =
                V::select(subnormal, x * Constant::new(16_777_216.0, 9_007_199_254_740_992.0).like(x), x);
            let (significand, exponent) = split(lifted);
            let exponent = V::select(subnormal, exponent - lift, exponent);
            let value = of_parts(significand - one(x), exponent);
            // 0, then what is negative or NaN, then infinity.
            let value = V::select(x.eq(zero), -infinity, value);
            let value = V::select(x.ge(zero), value, V::splat(x.isa(), V::Scalar::NAN));
            V::select(x.eq(infinity), x, value)
        },
    )
}

/// `log(1 + x)`, within 2 ulp, also where `x` is near 0.
#[inline(always)]
pub fn log1p<V: Vector>(x: V) -> V {
    let one = one(x);
    let infinity = V::splat(x.isa(), V::Scalar::INFINITY);
    // 1 + x = 2^exponent (1 + f): f is computed from x, not from the sum, in which x has lost digits.
    let (_, exponent) = split(x + one);
    let power = one.scale_by_power_of_two(-exponent * (one / UNIT.like(x)));
    let f = x.mul_add(power, power - one);
    let value = log_of_parts(f, exponent);
    let value = V::select(x.eq(-one), -infinity, value);
    let value = V::select(x.ge(-one), value, V::splat(x.isa(), V::Scalar::NAN));
    V::select(x.eq(infinity), x, value).copysign(x)
}

/// `softplus(x) = log(1 + exp(x))`, within 2 ulp.
#[inline(always)]
pub fn softplus<V: Vector>(x: V) -> V {
    let one = one(x);
    let half = Constant::same(0.5).like(x);
    // log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|) at most 1, so that 1 + e needs at most one halving.
    let e = Exponential::of(-Constant::new(104.0, 746.0).like(x).min(x.abs())).small_value();
    let large = e.gt(LARGE.like(x) - one);
    let f = V::select(large, e.mul_add(half, -half), e);
    let exponent = V::select(large, UNIT.like(x), V::zero(x.isa()));
    V::zero(x.isa()).max(x) + log_of_parts(f, exponent)
}
