//! The functions made of an exponential, or a sum of arguments, and one division: `tanh`, `sigmoid`, `silu`, GELU in its tanh form.

use super::exponential::{Exponential, round};
use super::picked::GELU_TANH;
use super::pieces;
use super::table::{Constant, Polynomial, is_single, one, product_error};
use crate::element::Float;
use crate::simd::{Mask, Simd, Vector};

/// `|x|`, where `x` is cut off at `left` and `right` first: where the function reaches its limit to the last digit. On the right
/// that is long before the exponential gets subnormal, which would be slow.
#[inline(always)]
pub(super) fn magnitude_within<V: Vector>(x: V, left: Constant, right: Constant) -> V {
    left.like(x).max(right.like(x).min(x)).abs()
}

/// `tanh(x)`, the hyperbolic tangent, within 2 ulp.
#[inline(always)]
pub fn tanh<V: Vector>(x: V) -> V {
    if let Some(magnitude) = pieces::tanh(x.abs()) {
        return magnitude.copysign(x);
    }
    if is_single::<V::Scalar>() {
        return tanh_of_sum(x.abs()).with_sign_of(x);
    }
    // With e = exp(2 |x|) - 1: e / (e + 2). Every number in it is positive, so that nothing cancels. From the bound on the
    // result is 1.
    let doubled = Constant::new(20.0, 40.0).like(x).min(x.abs() + x.abs());
    let e = Exponential::of(doubled).less_one();
    let quotient = e / (e + Constant::same(2.0).like(x));
    // The same as e / 2 - e / 2 * quotient: where e is small this is a correction, and the rounding of e + 2 hardly counts.
    let half = e * Constant::same(0.5).like(x);
    let small = e.lt(one(x));
    V::select(small, half.neg_mul_add(quotient, half), quotient).copysign(x)
}

/// `tanh(a + t) = T + (1 - T²) τ / (1 + T τ)`, where `T` is `tanh(a)` and `τ` is `tanh(t)`, in single precision.
///
/// `a` is one of eight numbers, `|t|` at most 0.66: so three numbers are looked up, and one polynomial does for all. Around 0
/// it is `τ`, as `T` is 0.
#[inline(always)]
fn tanh_of_sum<V: Vector>(x: V) -> V {
    let number = |number| Constant::same(number).like(x);
    // From here on it is 1.
    let bounded = number(9.015).min(x);
    let (place, _) = round(bounded, number(0.8315));
    let row = |numbers: &[f32; 8]| place.pick(0, &numbers.map(|number| V::Scalar::from_f64(number.into())));
    let t = bounded - row(&CENTRES);
    let square = t * t;
    let tau = (t * square).mul_add(TANH_CENTRE.at(square), t);
    let value = row(&VALUES);
    value + row(&SLOPES) * tau / value.mul_add(tau, one(x))
}

/// The numbers `a` of [`tanh_of_sum`]: near the middles of parts of 1.2027, at places where `tanh` is nearly a number in single
/// precision, so that little is lost by rounding it. The second is lower, as left of it a third of the result is corrected.
const CENTRES: [f32; 8] = [0.0, 1.1386293, 2.4027803, 3.6102092, 4.835903, 5.9860435, 7.2191534, 8.317766];
/// `tanh` of them.
const VALUES: [f32; 8] = [0.0, 0.813952, 0.98376465, 0.9985381, 0.99987394, 0.99998736, 0.9999989, 0.9999999];
/// 1 less the squares of these.
const SLOPES: [f32; 8] =
    [1.0, 0.3374821, 0.032207116, 0.002921709, 0.00025211176, 2.527221e-05, 2.145766e-06, 2.3841856e-07];
/// `(tanh(t) - t) / t³` in powers of `t²`, for `|t| <= 0.66`.
const TANH_CENTRE: Polynomial = Polynomial {
    single: &[-0.33333248, 0.1333053, -0.053664427, 0.020396845, -0.0054387595],
    double: &[0.0],
};

/// From here on `1 + exp(-x)` is 1.
const SATURATION: Constant = Constant::new(20.0, 40.0);

/// `sigmoid(x) = 1 / (1 + exp(-x))`, within 2 ulp.
#[inline(always)]
pub fn sigmoid<V: Vector>(x: V) -> V {
    // With e = exp(-|x|), which can't overflow: 1 / (1 + e), or e / (1 + e) left of 0.
    let one = one(x);
    let e = Exponential::of(-magnitude_within(x, Constant::new(-104.0, -746.0), SATURATION)).small_value();
    let numerator = V::select(x.lt(V::zero(x.isa())), e, one);
    // n / (1 + e) = n - n (e / (1 + e)): the rounding of 1 + e hardly counts where e is small.
    numerator.neg_mul_add(e / (one + e), numerator)
}

/// `max(x, 0) - magnitude * sigmoid(-z)`, given the exponential of `-z <= 0`.
///
/// It is `x * sigmoid(z)` on both sides of 0 if `magnitude` is `|x|`, and `z` has the sign of `x`. The exponent goes in last:
/// a subnormal exponential would have lost digits that the product with the magnitude still needs.
#[inline(always)]
fn gated<V: Vector>(x: V, magnitude: V, exponential: Exponential<V>) -> V {
    let significand = exponential.significand;
    let e = exponential.scale_down(significand);
    let quotient = magnitude * significand / (one(x) + e);
    V::zero(x.isa()).max(x) - exponential.scale_down(quotient)
}

/// `silu(x) = x * sigmoid(x)`, within 4 ulp. Its limit at minus infinity is 0.
#[inline(always)]
pub fn silu<V: Vector>(x: V) -> V {
    // At the left bound even |x| exp(-|x|) is 0.
    let magnitude = magnitude_within(x, Constant::new(-110.0, -755.0), SATURATION);
    gated(x, magnitude, Exponential::of(-magnitude))
}

/// `sqrt(8 / π) / log(2)`: a part of so few digits that `x + SLOPE[0] - SLOPE[0]` is exact, and the rest.
const SLOPE: [Constant; 2] =
    [Constant::same(2.296875), Constant::new(0.005333198234438896, 0.005333198144324889)];
/// `0.044715 * sqrt(8 / π) / log(2)`: the nearest number, and the rest.
const CUBIC: [Constant; 2] = [
    Constant::new(0.10294324159622192, 0.1029432395800235),
    Constant::new(-2.016198541454628e-09, -5.978177400718744e-18),
];

/// `gelu(x) ≈ x * sigmoid(2 u) = x / 2 * (1 + tanh(u))`, `u = sqrt(2 / π) (x + 0.044715 x³)`, within 4 ulp.
///
/// PyTorch's `gelu(approximate="tanh")` (D. Hendrycks and K. Gimpel, Gaussian Error Linear Units, 2016). Its limit at minus
/// infinity is 0.
#[inline(always)]
pub fn gelu_tanh<V: Vector>(x: V) -> V {
    if !is_single::<V::Scalar>() {
        return gelu_tanh_anywhere(x);
    }
    let bound = Constant::same(5.2499).like(x);
    let a = bound.min(x.abs());
    let (place, _) = round(a, Constant::same(1.0 / 0.7).like(x));
    let near = V::zero(x.isa()).max(x) - GELU_TANH.at(a, place);
    let far = x.lt(-bound);
    if far.any() { V::select(far, gelu_tanh_far(x), near) } else { near }
}

/// [`gelu_tanh`] in the left tail, which is rarely seen.
#[cold]
#[inline(never)]
fn gelu_tanh_far<V: Vector>(x: V) -> V {
    x.isa().vectorize(
        #[inline(always)]
        || gelu_tanh_anywhere(x),
    )
}

#[inline(always)]
fn gelu_tanh_anywhere<V: Vector>(x: V) -> V {
    // 2 u / log(2) = |x| (slope + cubic x²) to twice the precision: what rounding takes from an exponent of -80 is 80 times as
    // much of the result.
    let magnitude = magnitude_within(x, Constant::new(-11.0, -21.7), Constant::new(6.0, 9.0));
    let (slope, slope_low) = (SLOPE[0].like(x), SLOPE[1].like(x));
    let (cubic, cubic_low) = (CUBIC[0].like(x), CUBIC[1].like(x));
    let square = magnitude * magnitude;
    let square_low = product_error(magnitude, magnitude, square);
    let factor = cubic.mul_add(square, slope);
    let factor_low = product_error(cubic, square, factor - slope)
        + cubic.mul_add(square_low, cubic_low.mul_add(square, slope_low));
    let product = magnitude * factor;
    let product_low = magnitude.mul_add(factor_low, product_error(magnitude, factor, product));
    gated(x, magnitude, Exponential::of_negated_powers(product, product_low))
}

/// The derivative of [`gelu_tanh`]: `s + x s (1 - s) 2 u'`, `s = sigmoid(2 u)`.
#[inline(always)]
pub fn gelu_tanh_derivative<V: Vector>(x: V) -> V {
    let bound = Constant::new(11.0, 23.0).like(x);
    let bounded = bound.min((-bound).max(x));
    let square = bounded * bounded;
    let slope = Constant::same(1.5957691216057308).like(x);
    let cubic = Constant::same(0.044715 * 1.5957691216057308).like(x);
    let doubled = bounded * cubic.mul_add(square, slope);
    let gate = sigmoid(doubled);
    let inner = (cubic * Constant::same(3.0).like(x)).mul_add(square, slope);
    (bounded * gate * sigmoid(-doubled)).mul_add(inner, gate)
}
