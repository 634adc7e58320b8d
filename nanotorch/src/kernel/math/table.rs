//! Constants and polynomials that have one set of numbers for each precision.
//!
//! Every table was made by a Remez exchange in 50-digit arithmetic that minimises the *relative* error of the function
//! (not of the polynomial). Coefficients for single precision were then rounded one at a time, lowest power first, and the
//! remaining ones fitted again to the rounded ones.

use crate::element::Float;
use crate::simd::Vector;

/// Whether `T` is the 32-bit float. Known when the code is compiled, so that the other branch vanishes.
#[inline(always)]
pub(super) const fn is_single<T: Float>() -> bool {
    T::FRACTION_BITS == 23
}

/// One number, rounded for each precision.
#[derive(Clone, Copy)]
pub(super) struct Constant {
    single: f64,
    double: f64,
}

impl Constant {
    /// The same number in both precisions.
    pub(super) const fn same(value: f64) -> Self {
        Self { single: value, double: value }
    }

    /// A number for each precision.
    pub(super) const fn new(single: f64, double: f64) -> Self {
        Self { single, double }
    }

    /// The number times a power of two.
    pub(super) const fn times(self, power_of_two: f64) -> Self {
        Self { single: self.single * power_of_two, double: self.double * power_of_two }
    }

    /// The number in all lanes of a register like `x`.
    #[inline(always)]
    pub(super) fn like<V: Vector>(self, x: V) -> V {
        let value = if is_single::<V::Scalar>() { self.single } else { self.double };
        V::splat(x.isa(), V::Scalar::from_f64(value))
    }
}

/// 1 in all lanes of a register like `x`.
#[inline(always)]
pub(super) fn one<V: Vector>(x: V) -> V {
    V::splat(x.isa(), V::Scalar::ONE)
}

/// The coefficients of `c[0] + c[1] x + c[2] x² + ..` for each precision.
pub(super) struct Polynomial {
    pub(super) single: &'static [f64],
    pub(super) double: &'static [f64],
}

impl Polynomial {
    /// The value at `x`, by Horner's rule.
    #[inline(always)]
    pub(super) fn at<V: Vector>(&self, x: V) -> V {
        self.at_scaled(1.0, 1.0, x)
    }

    /// `factor` times the value at `scale * x`, for powers of two (or their negatives), which cost nothing.
    #[inline(always)]
    pub(super) fn at_scaled<V: Vector>(&self, scale: f64, factor: f64, x: V) -> V {
        let coefficients = if is_single::<V::Scalar>() { self.single } else { self.double };
        let mut degree = coefficients.len() - 1;
        let mut power = factor;
        let mut lower = 0;
        while lower < degree {
            power *= scale;
            lower += 1;
        }
        let mut value = V::splat(x.isa(), V::Scalar::from_f64(coefficients[degree] * power));
        while degree > 0 {
            degree -= 1;
            power /= scale;
            value = value.mul_add(x, V::splat(x.isa(), V::Scalar::from_f64(coefficients[degree] * power)));
        }
        value
    }
}

impl Polynomial {
    /// The value at `x`, given `x²`: even and odd powers apart. The two halves run side by side, and each rounding touches only
    /// one of them.
    #[inline(always)]
    pub(super) fn at_with_square<V: Vector>(&self, x: V, square: V) -> V {
        let [even, odd] = self.halves(square);
        odd.mul_add(x, even)
    }

    /// `x` times the value at `x`, given `x²`, with one rounding less than a product after [`Self::at_with_square`].
    #[inline(always)]
    pub(super) fn times_argument<V: Vector>(&self, x: V, square: V) -> V {
        let [even, odd] = self.halves(square);
        even.mul_add(x, square * odd)
    }

    /// The even powers, and the odd ones divided by `x`, as polynomials in `x²`.
    #[inline(always)]
    fn halves<V: Vector>(&self, square: V) -> [V; 2] {
        let coefficients = if is_single::<V::Scalar>() { self.single } else { self.double };
        let coefficient = |degree: usize| V::splat(square.isa(), V::Scalar::from_f64(coefficients[degree]));
        let top = coefficients.len() - 1;
        let mut halves = [V::zero(square.isa()); 2];
        halves[top % 2] = coefficient(top);
        halves[(top - 1) % 2] = coefficient(top - 1);
        let mut degree = top - 1;
        while degree > 0 {
            degree -= 1;
            halves[degree % 2] = halves[degree % 2].mul_add(square, coefficient(degree));
        }
        halves
    }
}

/// `a * b - product`, exactly, where `product` is `a * b` rounded: what the rounding took.
#[inline(always)]
pub(super) fn product_error<V: Vector>(a: V, b: V, product: V) -> V {
    if V::LANES > 1 {
        return a.mul_add(b, -product);
    }
    // One lane has no fused operation: Dekker's product of halves (T. J. Dekker, A floating-point technique for extending the
    // available precision, 1971).
    let halves = |x: V| {
        let spread = x * Constant::new(4097.0, 134_217_729.0).like(x);
        let high = spread - (spread - x);
        (high, x - high)
    };
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
}
