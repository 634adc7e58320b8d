//! Elementary functions beside those that forward functions of models can write. With the feature `tape`.
//!
//! Where a function has no derivative at single points, the one there is PyTorch's.

use super::{Keeps, Unary};
use crate::element::Float;
use crate::kernel::math;
use crate::simd::Vector;

#[inline(always)]
fn number<V: Vector>(x: V, value: f64) -> V {
    V::splat(x.isa(), V::Scalar::from_f64(value))
}

macro_rules! function {
    ($(#[$doc:meta])* $Name:ident, $onnx:literal, $keeps:ident, |$x:ident| $value:expr, |$kept:ident| $derivative:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Name;

        impl Unary for $Name {
            const NAME: &'static str = $onnx;
            const KEEPS: Keeps = Keeps::$keeps;
            #[inline(always)]
            fn value<V: Vector>(self, $x: V) -> V {
                $value
            }
            #[inline(always)]
            fn derivative<V: Vector>(self, $kept: V) -> V {
                $derivative
            }
        }
    };
}

function!(
    /// `1 / √x`; the derivative is `-y³ / 2`.
    Rsqrt, "Rsqrt", Output, |x| number(x, 1.0) / x.sqrt(), |y| number(y, -0.5) * y * y * y
);
function!(
    /// `2^x`; the derivative is `y ln 2`.
    Exp2, "Exp2", Output, |x| math::exp2(x), |y| y * number(y, core::f64::consts::LN_2)
);
function!(
    /// `e^x - 1`; the derivative is `y + 1`.
    Expm1, "Expm1", Output, |x| math::expm1(x), |y| y + number(y, 1.0)
);
function!(
    /// `log₂ x`; the derivative is `1 / (x ln 2)`.
    Log2, "Log2", Input, |x| math::log2(x), |x| number(x, core::f64::consts::LOG2_E) / x
);
function!(
    /// `log₁₀ x`; the derivative is `1 / (x ln 10)`.
    Log10, "Log10", Input, |x| math::log(x) * number(x, core::f64::consts::LOG10_E), |x| number(x, core::f64::consts::LOG10_E) / x
);
function!(
    /// `ln(1 + x)`; the derivative is `1 / (1 + x)`.
    Log1p, "Log1p", Input, |x| math::log1p(x), |x| number(x, 1.0) / (x + number(x, 1.0))
);
function!(
    /// `sin x`; the derivative is `cos x`.
    Sin, "Sin", Input, |x| math::sin(x), |x| math::cos(x)
);
function!(
    /// `cos x`; the derivative is `-sin x`.
    Cos, "Cos", Input, |x| math::cos(x), |x| -math::sin(x)
);
function!(
    /// `tan x`; the derivative is `1 + y²`.
    Tan, "Tan", Output, |x| math::tan(x), |y| y.mul_add(y, number(y, 1.0))
);
function!(
    /// `asin x`; the derivative is `1 / √(1 - x²)`.
    Asin, "Asin", Input, |x| math::asin(x), |x| number(x, 1.0) / ((number(x, 1.0) - x) * (number(x, 1.0) + x)).sqrt()
);
function!(
    /// `acos x`; the derivative is `-1 / √(1 - x²)`.
    Acos, "Acos", Input, |x| math::acos(x), |x| number(x, -1.0) / ((number(x, 1.0) - x) * (number(x, 1.0) + x)).sqrt()
);
function!(
    /// `atan x`; the derivative is `1 / (1 + x²)`.
    Atan, "Atan", Input, |x| math::atan(x), |x| number(x, 1.0) / x.mul_add(x, number(x, 1.0))
);
function!(
    /// `sinh x = (e^x - e^-x) / 2`; the derivative is `cosh x`.
    Sinh, "Sinh", Input, |x| math::sinh(x), |x| math::cosh(x)
);
function!(
    /// `cosh x = (e^x + e^-x) / 2`; the derivative is `sinh x`.
    Cosh, "Cosh", Input, |x| math::cosh(x), |x| math::sinh(x)
);
function!(
    /// `erf x`, the error function; the derivative is `2/√π e^(-x²)`.
    Erf, "Erf", Input, |x| math::erf(x), |x| math::exp(-(x * x)) * number(x, core::f64::consts::FRAC_2_SQRT_PI)
);
function!(
    /// -1, 0 or 1, as the sign is; the derivative is 0.
    Sign, "Sign", Nothing, |x| {
        let (zero, one) = (V::zero(x.isa()), number(x, 1.0));
        V::select(x.eq(zero), zero, V::select(x.is_nan(), x, one.copysign(x)))
    }, |x| V::zero(x.isa())
);
function!(
    /// The largest whole number that isn't above `x`; the derivative is 0.
    Floor, "Floor", Nothing, |x| x.floor(), |x| V::zero(x.isa())
);
function!(
    /// The smallest whole number that isn't below `x`; the derivative is 0.
    Ceil, "Ceil", Nothing, |x| -((-x).floor()), |x| V::zero(x.isa())
);
function!(
    /// The nearest whole number, the even one of two; the derivative is 0.
    Round, "Round", Nothing, |x| x.round_ties_even(), |x| V::zero(x.isa())
);

/// `x`, but at least `low` and at most `high`; the derivative is 1 between `low` and `high`, and 0 at the ends and beyond, as in PyTorch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clamp {
    /// The least value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
}

impl Unary for Clamp {
    const NAME: &'static str = "Clip";
    const KEEPS: Keeps = Keeps::Input;
    fn attributes(self, see: &mut dyn FnMut(&'static str, f64)) {
        see("min", self.low);
        see("max", self.high);
    }
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        // In this order a NaN stays one.
        number(x, self.high).min(number(x, self.low).max(x))
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, x: V) -> V {
        let within = x.gt(number(x, self.low)) & x.lt(number(x, self.high));
        V::select(within, number(x, 1.0), V::zero(x.isa()))
    }
}
