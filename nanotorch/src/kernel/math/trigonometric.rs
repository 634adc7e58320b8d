//! Sine, cosine, tangent, their inverses, and the hyperbolic sine and cosine.

use generic_array::GenericArray;

use super::exponential::{exp, expm1};
use super::table::{Constant, Polynomial, one};
use crate::element::Float;
use crate::simd::{Mask, Vector};

/// π/2 in three parts, of which the first two have so few digits that their products with a number of quarter turns are exact
/// (W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980).
const HALF_PI: [Constant; 3] = [
    Constant::new(1.5703125, 1.5707963267341256),
    Constant::new(0.0004837512969970703, 6.077100506303966e-11),
    Constant::new(7.549789954891882e-08, 2.0222662487959506e-21),
];

/// Up to here those products are exact.
const FARTHEST: Constant = Constant::new(12_000.0, 1.6e6);

/// `(sin r - r) / r³`, as a polynomial of `r²`: the series, to the last digit up to π/4.
const SINE: Polynomial = Polynomial {
    single: &[-1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0, 1.0 / 362_880.0],
    double: &[
        -1.0 / 6.0,
        1.0 / 120.0,
        -1.0 / 5040.0,
        1.0 / 362_880.0,
        -1.0 / 39_916_800.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 1_307_674_368_000.0,
        1.0 / 355_687_428_096_000.0,
    ],
};

/// `(cos r - 1 + r²/2) / r⁴`, likewise.
const COSINE: Polynomial = Polynomial {
    single: &[1.0 / 24.0, -1.0 / 720.0, 1.0 / 40_320.0, -1.0 / 3_628_800.0],
    double: &[
        1.0 / 24.0,
        -1.0 / 720.0,
        1.0 / 40_320.0,
        -1.0 / 3_628_800.0,
        1.0 / 479_001_600.0,
        -1.0 / 87_178_291_200.0,
        1.0 / 20_922_789_888_000.0,
        -1.0 / 6_402_373_705_728_000.0,
    ],
};

/// Sine and cosine.
#[inline(always)]
fn sine_and_cosine<V: Vector>(x: V) -> (V, V) {
    if !x.abs().le(FARTHEST.like(x)).all() {
        return one_by_one(x);
    }
    let turns = (x * Constant::same(core::f64::consts::FRAC_2_PI).like(x)).round_ties_even();
    let mut r = x;
    for part in HALF_PI {
        r = turns.neg_mul_add(part.like(x), r);
    }
    let square = r * r;
    let sine = (r * square).mul_add(SINE.at(square), r);
    let half = Constant::same(0.5).like(x);
    let cosine = (square * square).mul_add(COSINE.at(square), square.neg_mul_add(half, one(x)));
    // The quarter: 0 to 3.
    let four = Constant::same(4.0).like(x);
    let quarter = (turns * Constant::same(0.25).like(x)).floor().neg_mul_add(four, turns);
    let odd = quarter.eq(one(x)) | quarter.eq(Constant::same(3.0).like(x));
    let (first, second) = (V::select(odd, cosine, sine), V::select(odd, sine, cosine));
    let two = Constant::same(2.0).like(x);
    let sine = V::select(quarter.lt(two), first, -first);
    let cosine = V::select(quarter.eq(one(x)) | quarter.eq(two), -second, second);
    (sine, cosine)
}

/// As [`sine_and_cosine`], for numbers so large that they must be reduced with hundreds of digits of π.
#[cold]
#[inline(never)]
fn one_by_one<V: Vector>(x: V) -> (V, V) {
    let lanes = x.to_array();
    let of = |f: fn(f64) -> f64| {
        let mut values = GenericArray::<V::Scalar, V::Lanes>::default();
        for (value, lane) in values.iter_mut().zip(&lanes) {
            *value = V::Scalar::from_f64(f(lane.to_f64()));
        }
        V::from_array(x.isa(), &values)
    };
    // 0, but for the rate of change if these lanes have one.
    let change = x - x.constant();
    let (sine, cosine) = (of(libm::sin), of(libm::cos));
    (cosine.mul_add(change, sine), sine.neg_mul_add(change, cosine))
}

/// `sin(x)`.
#[inline(always)]
pub fn sin<V: Vector>(x: V) -> V {
    sine_and_cosine(x).0
}

/// `cos(x)`.
#[inline(always)]
pub fn cos<V: Vector>(x: V) -> V {
    sine_and_cosine(x).1
}

/// `tan(x)`.
#[inline(always)]
pub fn tan<V: Vector>(x: V) -> V {
    let (sine, cosine) = sine_and_cosine(x);
    sine / cosine
}

/// The coefficients of `(atan z - z) / z³` as a polynomial of `z²`: -1/3, 1/5, -1/7, ..
const fn arc_series<const N: usize>() -> [f64; N] {
    let (mut series, mut term) = ([0.0; N], 0);
    while term < N {
        let odd = (2 * term + 3) as f64;
        series[term] = if term % 2 == 0 { -1.0 / odd } else { 1.0 / odd };
        term += 1;
    }
    series
}

const ARC_TANGENT: Polynomial = Polynomial { single: &arc_series::<9>(), double: &arc_series::<21>() };

/// `atan(x)`.
#[inline(always)]
pub fn atan<V: Vector>(x: V) -> V {
    // |x| > 1: π/2 - atan(1 / |x|). Then, above tan(π/8): π/4 + atan((t - 1) / (t + 1)).
    let (one, zero) = (one(x), V::zero(x.isa()));
    let size = x.abs();
    let large = size.gt(one);
    let t = V::select(large, one / size, size);
    let upper = t.gt(Constant::same(0.414_213_562_373_095_05).like(x));
    let z = V::select(upper, (t - one) / (t + one), t);
    let square = z * z;
    let arc = (z * square).mul_add(ARC_TANGENT.at(square), z);
    let arc = V::select(upper, Constant::same(core::f64::consts::FRAC_PI_4).like(x) + arc, arc);
    let arc = V::select(large, Constant::same(core::f64::consts::FRAC_PI_2).like(x) - arc, arc);
    // `copysign` would do, were it not for the rate of change of a dual number at 0.
    V::select(x.lt(zero), -arc, V::select(x.eq(zero), x, arc))
}

/// `asin(x)`; NaN outside of -1 to 1.
#[inline(always)]
pub fn asin<V: Vector>(x: V) -> V {
    atan(x / ((one(x) - x) * (one(x) + x)).sqrt())
}

/// `acos(x)`; NaN outside of -1 to 1.
#[inline(always)]
pub fn acos<V: Vector>(x: V) -> V {
    let arc = atan(((one(x) - x) / (one(x) + x)).sqrt());
    arc + arc
}

/// From here on `e^-x` is nothing beside `e^x`; far below where `e^x` is infinite.
const ONE_SIDED: Constant = Constant::new(40.0, 80.0);

/// `e^x / 2`, also where `e^x` is infinite.
#[inline(always)]
fn half_exponential<V: Vector>(x: V) -> V {
    let half = Constant::same(0.5).like(x);
    let root = exp(x * half);
    root * half * root
}

/// `sinh(x)`.
#[inline(always)]
pub fn sinh<V: Vector>(x: V) -> V {
    let size = x.abs();
    let e = expm1(ONE_SIDED.like(x).min(size));
    let near = (e + e / (e + one(x))) * Constant::same(0.5).like(x);
    let magnitude = V::select(size.gt(ONE_SIDED.like(x)), half_exponential(size), near);
    V::select(x.eq(V::zero(x.isa())) | x.is_nan(), x, magnitude.copysign(x))
}

/// `cosh(x)`.
#[inline(always)]
pub fn cosh<V: Vector>(x: V) -> V {
    let size = x.abs();
    let e = exp(ONE_SIDED.like(x).min(size));
    let near = (e + one(x) / e) * Constant::same(0.5).like(x);
    let cosh = V::select(size.gt(ONE_SIDED.like(x)), half_exponential(size), near);
    V::select(x.is_nan(), x, cosh)
}
