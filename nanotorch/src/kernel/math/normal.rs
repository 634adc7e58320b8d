//! The normal distribution: `erf`, GELU in its exact form, and its derivative.

use super::exponential::Exponential;
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

/// `(a + k) exp(a²/2) Φ(-a)` in powers of `(a - k) / (a + k)`, for `a` from 0 to where Φ(-a) is below the smallest number.
///
/// Φ(-a) falls like exp(-a²/2) / a, so this is nearly flat; the variable maps all of it into [-1, 1].
const TAIL: Polynomial = Polynomial {
    single: &[
        0.7552851438522339,
        -0.6078965663909912,
        0.3871362507343292,
        -0.18652376532554626,
        0.06041118875145912,
        -0.0075223385356366634,
        -0.00353909726254642,
        0.0015553608536720276,
        0.00020979787223041058,
        -0.00010943578672595322,
    ],
    double: &[
        0.769193049750063,
        -0.6653825028900566,
        0.4953056159699769,
        -0.313533156671315,
        0.16502036617036492,
        -0.06911863870597473,
        0.020795066800173737,
        -0.002993376775395459,
        -0.0007978694007454739,
        0.0005448991037679392,
        -5.9375715927366164e-05,
        -4.9763001890504325e-05,
        1.6681163099121907e-05,
        3.9814723691941535e-06,
        -2.7691002607463232e-06,
        -3.377214724169907e-07,
        4.3275413670679534e-07,
        4.360693866895743e-08,
        -6.537638438220697e-08,
        -1.022292941966022e-08,
        7.202071448174567e-09,
        2.0225261209849046e-09,
    ],
};
/// The `k` of `TAIL`.
const TAIL_CENTRE: Constant = Constant::new(4.0, 5.0);
/// Where Φ(-a), and a Φ(-a) too, is less than half the smallest subnormal number.
const TAIL_END: Constant = Constant::new(14.5, 39.0);
/// 1 / sqrt(2 π).
const DENSITY_AT_0: Constant = Constant::same(0.3989422804014327);

/// `exp(a²/2) Φ(-a)`, Mills' ratio over sqrt(2 π), for `a` in `[0, TAIL_END]`.
#[inline(always)]
fn scaled_tail<V: Vector>(a: V) -> V {
    let centre = TAIL_CENTRE.like(a);
    let reciprocal = one(a) / (a + centre);
    let variable = (centre + centre).neg_mul_add(reciprocal, one(a));
    TAIL.at(variable) * reciprocal
}

/// `exp(-scale a²)` in parts, for `scale` 1 or 1/2. The square is kept to twice the precision: what rounding takes from an
/// exponent of -80 is 80 times as much of the result.
#[inline(always)]
fn exp_of_square<V: Vector>(a: V, scale: V) -> Exponential<V> {
    let square = a * a;
    let low = product_error(a, a, square);
    Exponential::of_sum(-scale * square, -scale * low)
}

/// `gelu(x) = x Φ(x) = x / 2 * (1 + erf(x / sqrt(2)))`, within 6 ulp, in the left tail too. Its limit at minus infinity is -0.
///
/// PyTorch's `gelu` (D. Hendrycks and K. Gimpel, Gaussian Error Linear Units, 2016).
#[inline(always)]
pub fn gelu<V: Vector>(x: V) -> V {
    // x Φ(x) = max(x, 0) - |x| Φ(-|x|) on both sides. The exponent goes in last: a subnormal Φ would have lost digits that
    // the product with |x| still needs.
    let a = TAIL_END.like(x).min(x.abs());
    let exponential = exp_of_square(a, Constant::same(0.5).like(x));
    let tail = scaled_tail(a) * exponential.significand();
    V::zero(x.isa()).max(x) - (a * tail).scale_by_power_of_two(exponential.exponent)
}

/// The derivative of [`gelu`]: `Φ(x) + x φ(x)`, where φ is the density.
#[inline(always)]
pub fn gelu_derivative<V: Vector>(x: V) -> V {
    let a = TAIL_END.like(x).min(x.abs());
    let exponential = exp_of_square(a, Constant::same(0.5).like(x)).value();
    let tail = scaled_tail(a);
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
    let tail = scaled_tail(magnitude * Constant::same(core::f64::consts::SQRT_2).like(x));
    let complement = tail * exp_of_square(magnitude, one(x)).value();
    let value = one(x) - (complement + complement);
    V::select(magnitude.lt(Constant::same(0.9).like(x)), centre, value).copysign(x)
}
