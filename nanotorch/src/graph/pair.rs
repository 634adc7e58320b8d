//! Functions of two numbers beside the four operators: powers, remainders, extremes.

use super::binary::Binary;
use crate::element::Float;
use crate::kernel::math;
use crate::simd::{Mask, Vector};

macro_rules! pair {
    ($(#[$doc:meta])* $Name:ident, $onnx:literal, |$a:ident, $b:ident| $value:expr, $first:expr, $second:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Name;

        impl Binary for $Name {
            const NAME: &'static str = $onnx;
            const KEEPS: bool = true;
            #[inline(always)]
            fn value<V: Vector>($a: V, $b: V) -> V {
                $value
            }
            #[inline(always)]
            fn by_first<V: Vector>($a: V, $b: V) -> V {
                $first
            }
            #[inline(always)]
            fn by_second<V: Vector>($a: V, $b: V) -> V {
                $second
            }
        }
    };
}

pair!(
    /// `a^b`, for negative `a` where `b` is whole; the derivatives are `b a^(b - 1)` and `a^b ln a`, which is 0 at `a = 0`, `b >= 0`.
    Raise, "Pow", |a, b| math::pow(a, b),
    {
        let slope = b * math::pow(a, b - number(a, 1.0));
        V::select(b.eq(V::zero(a.isa())), V::zero(a.isa()), slope)
    },
    {
        let zero = V::zero(a.isa());
        let still = a.eq(zero) & b.ge(zero);
        V::select(still, zero, math::pow(a, b) * math::log(V::select(still, number(a, 1.0), a)))
    }
);
pair!(
    /// `a - b floor(a / b)`: the remainder with the sign of `b`, as in PyTorch and Python; the derivatives are 1 and
    /// `-floor(a / b)`.
    Remainder, "Mod", |a, b| remainder(a, b), number(a, 1.0) + V::zero(b.isa()), -floor_of_quotient(a, b)
);
pair!(
    /// The larger; NaN where either is. Where they are equal, each has half of the gradient.
    Maximum, "Max", |a, b| V::select(a.is_nan() | b.is_nan(), a + b, a.max(b)), share(a, b), share(b, a)
);
pair!(
    /// The smaller; NaN where either is. Where they are equal, each has half of the gradient.
    Minimum, "Min", |a, b| V::select(a.is_nan() | b.is_nan(), a + b, a.min(b)), share(b, a), share(a, b)
);

#[inline(always)]
fn number<V: Vector>(x: V, value: f64) -> V {
    V::splat(x.isa(), V::Scalar::from_f64(value))
}

/// 1 where `a` is above `b`, a half where they are equal.
#[inline(always)]
fn share<V: Vector>(a: V, b: V) -> V {
    let below = V::select(a.eq(b), number(a, 0.5), V::zero(a.isa()));
    V::select(a.gt(b), number(a, 1.0), below)
}

/// `floor(a / b)`, also where the quotient is so small that it is rounded to 0.
#[inline(always)]
fn floor_of_quotient<V: Vector>(a: V, b: V) -> V {
    let (zero, quotient) = (V::zero(a.isa()), a / b);
    let below = (a.lt(zero) & b.gt(zero)) | (a.gt(zero) & b.lt(zero));
    V::select(below & quotient.eq(zero), number(a, -1.0), quotient.floor())
}

/// The remainder, exactly: a quotient of more digits than a number has is taken off 20 bits at a time.
#[inline(always)]
fn remainder<V: Vector>(a: V, b: V) -> V {
    let (zero, limit) = (V::zero(a.isa()), number(a, 1048576.0));
    let infinity = number(a, f64::INFINITY);
    let step = b.abs();
    let defined = step.gt(zero) & a.abs().lt(infinity);
    let step = V::select(defined, step, number(a, 1.0));
    let mut rest = V::select(defined, a.abs(), zero);
    loop {
        // The largest multiple of the step, by a power of the limit, that isn't above what is left.
        let mut unit = step;
        loop {
            let larger = unit * limit;
            let fits = larger.le(rest) & larger.lt(infinity);
            if !fits.any() {
                break;
            }
            unit = V::select(fits, larger, unit);
        }
        // The quotient may be off by one in its last digit; the difference is exact either way.
        let less = (rest / unit).floor().neg_mul_add(unit, rest);
        let less = V::select(less.lt(zero), less + unit, less);
        let less = V::select(less.ge(unit), less - unit, less);
        rest = V::select(rest.lt(unit), rest, less);
        if !rest.ge(step).any() {
            break;
        }
    }
    let (other_side, none) = ((a.lt(zero) & b.gt(zero)) | (a.gt(zero) & b.lt(zero)), rest.eq(zero));
    let signed = rest.copysign(a);
    let result = V::select(other_side & !none, signed + b, signed);
    V::select(defined, result, number(a, f64::NAN))
}
