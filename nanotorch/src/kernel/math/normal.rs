//! The normal distribution: `erf`, GELU in its exact form, and its derivative.

use super::exponential::Exponential;
use super::hyperbolic::magnitude_within;
use super::table::{Constant, Polynomial, one, product_error};
use crate::simd::Vector;

/// `(erf(x) - x) / x` in powers of `x²`, for `|x| <= 0.9`.
const ERF_CENTRE: Polynomial = Polynomial {
    single: &[
        0.12837915122509003,
        -0.3761250376701355,
        0.11281921714544296,
        -0.026770493015646935,
        0.004998959135264158,
        -0.0006020799628458917,
    ],
    double: &[
        0.1283791670955126,
        -0.37612638903183726,
        0.11283791670953704,
        -0.02686617064480662,
        0.0052239776216031234,
        -0.0008548326754915904,
        0.00012055321042110759,
        -1.4925299738492622e-05,
        1.6455213928507547e-06,
        -1.6275476173873344e-07,
        1.4046048034793138e-08,
        -8.481852489687492e-10,
    ],
};

/// `exp(a²/2) Φ(-a)`, for `a` from 0 to where Φ(-a) is below the smallest number: a quotient of polynomials in `a`. All
/// coefficients are positive, so that nothing cancels.
const TAIL_NUMERATOR: Polynomial = Polynomial {
    single: &[0.5, 0.4251648187637329, 0.17319256067276, 0.037159428000450134, 0.003576895920559764],
    double: &[
        0.5,
        0.8240574104475127,
        0.6734738302891238,
        0.3525399593681096,
        0.12965500006722253,
        0.03484183001274896,
        0.0069181777715023145,
        0.0010032922396836814,
        0.00010206507260337651,
        6.620556776551643e-06,
        2.1032444448781098e-07,
    ],
};
/// The other polynomial of the quotient.
const TAIL_DENOMINATOR: Polynomial = Polynomial {
    single: &[
        1.0,
        1.6482138633728027,
        1.1614717245101929,
        0.44288942217826843,
        0.09315425902605057,
        0.008965765126049519,
    ],
    double: &[
        1.0,
        2.4459993816978907,
        2.798572802968349,
        1.9809797799261508,
        0.9661584944458964,
        0.3418317746686674,
        0.08981720672635668,
        0.017596084787150204,
        0.0025314759707518565,
        0.0002563664020356697,
        1.659527480993839e-05,
        5.272051993990582e-07,
    ],
};
/// Where Φ(x), and x Φ(x) too, is less than half the smallest subnormal number.
const TAIL_END: Constant = Constant::new(-14.5, -39.0);
/// From here on Φ(x) is 1.
const SATURATION: Constant = Constant::new(6.0, 9.0);
/// 1 / sqrt(2 π).
const DENSITY_AT_0: Constant = Constant::same(0.3989422804014327);

/// `factor exp(a²/2) Φ(-a)` (Mills' ratio over sqrt(2 π), times a factor) for `a` in `[0, -TAIL_END]`.
#[inline(always)]
fn scaled_tail<V: Vector>(a: V, factor: V) -> V {
    TAIL_NUMERATOR.at(a) * factor / TAIL_DENOMINATOR.at(a)
}

/// `exp(-scale a²)` in parts, for `scale` 1 or 1/2. The square is kept to twice the precision: what rounding takes from an
/// exponent of -80 is 80 times as much of the result.
#[inline(always)]
fn exp_of_square<V: Vector>(a: V, scale: f64) -> Exponential<V> {
    let square = a * a;
    Exponential::of_negated_sum(scale, square, product_error(a, a, square))
}

/// `gelu(x) = x Φ(x) = x / 2 * (1 + erf(x / sqrt(2)))`, within 4 ulp (6 without a fused
/// multiplication), in the left tail too. Its limit at minus infinity is -0.
///
/// PyTorch's `gelu` (D. Hendrycks and K. Gimpel, Gaussian Error Linear Units, 2016).
#[inline(always)]
pub fn gelu<V: Vector>(x: V) -> V {
    // x Φ(x) = max(x, 0) - |x| Φ(-|x|) on both sides. The exponent goes in last: a subnormal Φ would have lost digits that
    // the product with |x| still needs.
    let a = magnitude_within(x, TAIL_END, SATURATION);
    let exponential = exp_of_square(a, 0.5);
    let tail = scaled_tail(a, exponential.excess.mul_add(a, a));
    V::zero(x.isa()).max(x) - tail.scale_by_power_of_two(exponential.exponent)
}

/// The derivative of [`gelu`]: `Φ(x) + x φ(x)`, where φ is the density.
#[inline(always)]
pub fn gelu_derivative<V: Vector>(x: V) -> V {
    let a = magnitude_within(x, TAIL_END, SATURATION);
    let exponential = exp_of_square(a, 0.5).value();
    let tail = scaled_tail(a, one(x));
    // Left of 0 both terms have the factor exp(-a²/2): Φ - a φ; right of 0, 1 less that.
    let left = exponential * (a * DENSITY_AT_0.like(x)).neg_mul_add(one(x), tail);
    V::select(x.lt(V::zero(x.isa())), left, one(x) - left)
}

/// `erf(x)`, the error function, within 3 ulp.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    // The series around 0, and 1 - 2 Φ(-sqrt(2) |x|) elsewhere; from the bound on the result is 1.
    let magnitude = Constant::new(4.2, 6.2).like(x).min(x.abs());
    let centre = ERF_CENTRE.at(magnitude * magnitude).mul_add(magnitude, magnitude);
    let exponential = exp_of_square(magnitude, 1.0).value();
    let complement = scaled_tail(magnitude * Constant::same(core::f64::consts::SQRT_2).like(x), exponential);
    let value = one(x) - (complement + complement);
    V::select(magnitude.lt(Constant::same(0.9).like(x)), centre, value).copysign(x)
}
