//! `log`, `log1p`, `softplus`.

use super::exponential::{LN_2_HIGH, LN_2_LOW, exp};
use super::table::{Constant, Polynomial, is_single, one};
use crate::element::Float;
use crate::simd::Vector;

/// In single precision `(log(1 + f) - f + f²/2) / f³` in powers of `f`; in double precision
/// `(log(1 + f) - 2 s) / s³` in powers of `s²`, `s = f / (2 + f)`: the odd series needs half the terms, and a division.
const LOG_TAIL: Polynomial = Polynomial {
    single: &[
        0.3333333134651184,
        -0.250008225440979,
        0.20001259446144104,
        -0.16623346507549286,
        0.14201048016548157,
        -0.1315937489271164,
        0.1276528239250183,
        -0.07640765607357025,
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

/// `log(1 + f) + exponent * log(2)` for `f` in `[1/√2 - 1, √2 - 1]`.
#[inline(always)]
fn log_of_parts<V: Vector>(f: V, exponent: V) -> V {
    let half = Constant::same(0.5).like(f);
    let low = exponent * LN_2_LOW.like(f);
    let square = f * f;
    let correction = if is_single::<V::Scalar>() {
        LOG_TAIL.at(f).mul_add(f, -half).mul_add(square, low)
    } else {
        let s = f / (f + Constant::same(2.0).like(f));
        let z = s * s;
        let half_square = half * square;
        s.mul_add(LOG_TAIL.at(z).mul_add(z, half_square), low) - half_square
    };
    exponent.mul_add(LN_2_HIGH.like(f), f + correction)
}

/// `log(x)`, the natural logarithm, within 1 ulp.
///
/// `log(0)` is minus infinity, the logarithm of a negative number NaN.
#[inline(always)]
pub fn log<V: Vector>(x: V) -> V {
    let one = one(x);
    let zero = V::zero(x.isa());
    let infinity = V::splat(x.isa(), V::Scalar::INFINITY);
    // From [1, 2) to [1/√2, √2).
    let (significand, exponent) = x.split_exponent();
    let large = significand.gt(Constant::same(core::f64::consts::SQRT_2).like(x));
    let significand = V::select(large, significand * Constant::same(0.5).like(x), significand);
    let exponent = V::select(large, exponent + one, exponent);
    let value = log_of_parts(significand - one, exponent);
    // 0, then what is negative or NaN, then infinity.
    let value = V::select(x.eq(zero), -infinity, value);
    let value = V::select(x.ge(zero), value, V::splat(x.isa(), V::Scalar::NAN));
    V::select(x.eq(infinity), x, value)
}

/// `log(1 + x)`, within 2 ulp, also where `x` is near 0.
#[inline(always)]
pub fn log1p<V: Vector>(x: V) -> V {
    let one = one(x);
    let infinity = V::splat(x.isa(), V::Scalar::INFINITY);
    // 1 + x = 2^exponent (1 + f): f is computed from x, not from the sum, in which x has lost digits.
    let sum = x + one;
    let (significand, exponent) = sum.split_exponent();
    let large = significand.gt(Constant::same(core::f64::consts::SQRT_2).like(x));
    let exponent = V::select(large, exponent + one, exponent);
    let power = one.scale_by_power_of_two(-exponent);
    let f = x.mul_add(power, power - one);
    let value = log_of_parts(f, exponent);
    let value = V::select(x.eq(-one), -infinity, value);
    let value = V::select(x.ge(-one), value, V::splat(x.isa(), V::Scalar::NAN));
    V::select(x.eq(infinity), x, value).copysign(x)
}

/// `softplus(x) = log(1 + exp(x))`, within 3 ulp.
#[inline(always)]
pub fn softplus<V: Vector>(x: V) -> V {
    let one = one(x);
    let half = Constant::same(0.5).like(x);
    // log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|) at most 1, so that 1 + e needs at most one halving.
    let e = exp(-x.abs());
    let large = e.gt(Constant::same(core::f64::consts::SQRT_2 - 1.0).like(x));
    let f = V::select(large, e.mul_add(half, -half), e);
    let exponent = V::select(large, one, V::zero(x.isa()));
    V::zero(x.isa()).max(x) + log_of_parts(f, exponent)
}
