//! The normal distribution: `erf`, GELU in its exact form, and its derivative.

use super::exponential::{Exponential, round};
use super::hyperbolic::magnitude_within;
use super::picked::{ERF, GELU};
use super::table::{Constant, Polynomial, is_single, one, product_error};
use crate::simd::{Mask, Simd, Vector};

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
/// coefficients are positive, so that nothing cancels. The first ones aren't 1/2 and 1, because near 0 rounding is a smaller
/// part of a number that is well above a power of two.
const TAIL_NUMERATOR: Polynomial = Polynomial {
    single: &[
        0.3447265625,
        0.2931312322616577,
        0.11940814554691315,
        0.025619683787226677,
        0.0024661021307110786,
    ],
    double: &[
        0.375,
        0.6180430578356345,
        0.5051053727168429,
        0.2644049695260822,
        0.09724125005041688,
        0.026131372509561723,
        0.005188633328626736,
        0.0007524691797627611,
        7.654880445253238e-05,
        4.965417582413732e-06,
        1.5774333336585823e-07,
    ],
};
/// The other polynomial of the quotient.
const TAIL_DENOMINATOR: Polynomial = Polynomial {
    single: &[
        0.689453125,
        1.1363662481307983,
        0.8007802963256836,
        0.30535149574279785,
        0.06422549486160278,
        0.0061814747750759125,
    ],
    double: &[
        0.75,
        1.834499536273418,
        2.098929602226262,
        1.4857348349446131,
        0.7246188708344223,
        0.2563738310015005,
        0.06736290504476751,
        0.013197063590362653,
        0.0018986069780638924,
        0.00019227480152675226,
        1.244645610745379e-05,
        3.954038995492937e-07,
    ],
};
/// Where Φ(x), and x Φ(x) too, is less than half the smallest subnormal number.
const TAIL_END: Constant = Constant::new(-14.5, -39.0);
/// From here on Φ(x) is 1.
const SATURATION: Constant = Constant::new(6.0, 9.0);
/// 1 / sqrt(2 π).
const DENSITY_AT_0: Constant = Constant::same(0.3989422804014327);

/// `exp(a²/2) Φ(-a)` (Mills' ratio over sqrt(2 π)) for `a` in `[0, -TAIL_END]`.
#[inline(always)]
fn scaled_tail<V: Vector>(a: V) -> V {
    let square = a * a;
    TAIL_NUMERATOR.at_with_square(a, square) / TAIL_DENOMINATOR.at_with_square(a, square)
}

/// `exp(-scale a²)` in parts, for `scale` 1 or 1/2. The square is kept to twice the precision: what rounding takes from an
/// exponent of -80 is 80 times as much of the result.
#[inline(always)]
fn exp_of_square<V: Vector>(a: V, scale: f64) -> Exponential<V> {
    let square = a * a;
    Exponential::of_negated_sum(scale, square, product_error(a, a, square))
}

/// From `a` to `a / (a + TAIL_SHIFT)`, which maps the whole tail to `[0, 0.86]`: there one polynomial is enough, with the
/// division that a quotient of two would need as well, and half of their rounding.
const TAIL_SHIFT: Constant = Constant::same(2.5);
/// `(a + TAIL_SHIFT) exp(a²/2) Φ(-a)` in powers of `a / (a + TAIL_SHIFT)`, in single precision; double precision has the
/// quotient above. It begins with 1.25, exactly.
const MAPPED_TAIL: Polynomial = Polynomial {
    single: &[
        1.25,
        -1.2433922290802002,
        0.1696072220802307,
        0.2918701767921448,
        0.05599644407629967,
        -0.14955568313598633,
        0.1375289112329483,
        -0.31274065375328064,
        0.27931472659111023,
        -0.07968825101852417,
    ],
    double: &[0.0],
};

/// `a exp(a²/2) Φ(-a)` for `a` in `[0, -TAIL_END]`.
#[inline(always)]
fn weighted_tail<V: Vector>(a: V) -> V {
    if is_single::<V::Scalar>() {
        // Far out the product depends little on the mapped number, and so hardly on its rounding.
        let mapped = a / (a + TAIL_SHIFT.like(a));
        mapped * MAPPED_TAIL.at(mapped)
    } else {
        let square = a * a;
        TAIL_NUMERATOR.times_argument(a, square) / TAIL_DENOMINATOR.at_with_square(a, square)
    }
}

/// `gelu(x) = x Φ(x) = x / 2 * (1 + erf(x / sqrt(2)))`, within 4 ulp (double precision: 5), in the left tail too. Its limit at minus infinity is 0.
///
/// PyTorch's `gelu` (D. Hendrycks and K. Gimpel, Gaussian Error Linear Units, 2016).
#[inline(always)]
pub fn gelu<V: Vector>(x: V) -> V {
    if !is_single::<V::Scalar>() {
        return gelu_anywhere(x);
    }
    // x Φ(x) = max(x, 0) - |x| Φ(-|x|) on both sides. From the bound on, the latter is nothing beside x.
    let bound = Constant::same(5.4999).like(x);
    let a = bound.min(x.abs());
    let (place, _) = round(a, Constant::same(1.0 / 0.7333333333).like(x));
    let near = V::zero(x.isa()).max(x) - GELU.at(a, place);
    let far = x.lt(-bound);
    if far.any() { V::select(far, gelu_far(x), near) } else { near }
}

/// [`gelu`] in the left tail, which is rarely seen.
#[cold]
#[inline(never)]
fn gelu_far<V: Vector>(x: V) -> V {
    x.isa().vectorize(
        #[inline(always)]
        || gelu_anywhere(x),
    )
}

#[inline(always)]
fn gelu_anywhere<V: Vector>(x: V) -> V {
    // x Φ(x) = max(x, 0) - |x| Φ(-|x|) on both sides. The exponent goes in last: a subnormal Φ would have lost digits that
    // the product with |x| still needs.
    let a = magnitude_within(x, TAIL_END, SATURATION);
    let exponential = exp_of_square(a, 0.5);
    let scaled = weighted_tail(a);
    let tail = scaled.mul_add(exponential.excess, scaled);
    V::zero(x.isa()).max(x) - exponential.scale_down(tail)
}

/// The derivative of [`gelu`]: `Φ(x) + x φ(x)`, where φ is the density.
#[inline(always)]
pub fn gelu_derivative<V: Vector>(x: V) -> V {
    let a = magnitude_within(x, TAIL_END, SATURATION);
    let exponential = exp_of_square(a, 0.5).small_value();
    let tail = scaled_tail(a);
    // Left of 0 both terms have the factor exp(-a²/2): Φ - a φ; right of 0, 1 less that.
    let left = exponential * (a * DENSITY_AT_0.like(x)).neg_mul_add(one(x), tail);
    V::select(x.lt(V::zero(x.isa())), left, one(x) - left)
}

/// `erf(x)`, the error function, within 1.5 ulp.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    if is_single::<V::Scalar>() {
        // At the bound the last polynomial is 1.
        let magnitude = Constant::same(4.2).like(x).min(x.abs());
        return ERF.at(magnitude, magnitude + Constant::same(0.75).like(x)).copysign(x);
    }
    // The series around 0, and 1 - 2 Φ(-sqrt(2) |x|) elsewhere; from the bound on the result is 1.
    let magnitude = Constant::new(4.2, 6.2).like(x).min(x.abs());
    let centre = ERF_CENTRE.at(magnitude * magnitude).mul_add(magnitude, magnitude);
    let exponential = exp_of_square(magnitude, 1.0).small_value();
    let complement = exponential * scaled_tail(magnitude * Constant::same(core::f64::consts::SQRT_2).like(x));
    let value = one(x) - (complement + complement);
    V::select(magnitude.lt(Constant::same(0.9).like(x)), centre, value).copysign(x)
}
