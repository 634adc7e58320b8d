//! Functions of one number that forward functions can write beside the activations.

use crate::element::Float;
use crate::kernel::math;
use crate::op::{Keeps, Unary};
use crate::simd::Vector;

#[inline(always)]
fn number<V: Vector>(x: V, value: f64) -> V {
    V::splat(x.isa(), V::Scalar::from_f64(value))
}

macro_rules! function {
    ($(#[$doc:meta])* $Name:ident { $($field:ident),* }, $onnx:literal, $keeps:ident, $formula:literal, $derivative_formula:literal, |$self:ident, $x:ident| $value:expr, |$kept:ident| $derivative:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Name {
            $(
                /// The constant in the formula.
                pub $field: f64,
            )*
        }

        impl Unary for $Name {
            const NAME: &'static str = $onnx;
            const KEEPS: Keeps = Keeps::$keeps;
            const FORMULA: &'static str = $formula;
            const DERIVATIVE: &'static str = $derivative_formula;
            fn attributes(self, see: &mut dyn FnMut(&'static str, f64)) {
                $(see(stringify!($field), self.$field);)*
                let _ = see;
            }
            #[inline(always)]
            fn value<V: Vector>($self, $x: V) -> V {
                $value
            }
            #[inline(always)]
            fn derivative<V: Vector>($self, $kept: V) -> V {
                $derivative
            }
        }
    };
}

function!(
    /// `x + by`.
    Shift { by }, "Add", Nothing, "", "1", |self, x| x + number(x, self.by), |y| number(y, 1.0)
);
function!(
    /// `x * by`.
    Scale { by }, "Mul", Nothing, "", "by", |self, x| x * number(x, self.by), |y| number(y, self.by)
);
function!(
    /// `from - x`.
    SubtractFrom { from }, "Sub", Nothing, "", "(-1)", |self, x| number(x, self.from) - x, |y| number(y, -1.0)
);
function!(
    /// `x / by`.
    DivideBy { by }, "Div", Nothing, "", "(1 / by)", |self, x| x / number(x, self.by), |y| number(y, 1.0) / number(y, self.by)
);
function!(
    /// `number / x`; the derivative is `-number / x²`.
    DivideInto { number }, "Div", Input, "", "(-number / {x}²)", |self, x| number(x, self.number) / x, |x| -number(x, self.number) / (x * x)
);
function!(
    /// `-x`.
    Negative {}, "Neg", Nothing, "-{x}", "(-1)", |self, x| -x, |y| number(y, -1.0)
);
function!(
    /// `e^x`; the derivative is `y`.
    Exp {}, "Exp", Output, "exp({x})", "{y}", |self, x| math::exp(x), |y| y
);
function!(
    /// `ln x`; the derivative is `1 / x`.
    Ln {}, "Log", Input, "ln({x})", "(1 / {x})", |self, x| math::log(x), |x| number(x, 1.0) / x
);
function!(
    /// `√x`; the derivative is `1 / (2 y)`.
    Sqrt {}, "Sqrt", Output, "√{x}", "(1 / (2 {y}))", |self, x| x.sqrt(), |y| number(y, 0.5) / y
);
function!(
    /// `x²`; the derivative is `2 x`.
    Square {}, "Square", Input, "{x}²", "2 {x}", |self, x| x * x, |x| x + x
);
function!(
    /// `|x|`; the derivative is the sign, 0 at 0.
    Abs {}, "Abs", Input, "|{x}|", "sign({x})", |self, x| x.abs(), |x| {
        let zero = V::zero(x.isa());
        V::select(x.eq(zero), zero, number(x, 1.0).copysign(x))
    }
);
function!(
    /// `1 / x`; the derivative is `-y²`.
    Reciprocal {}, "Reciprocal", Output, "1 / {x}", "(-{y}²)", |self, x| number(x, 1.0) / x, |y| -(y * y)
);
function!(
    /// `x^exponent`, within 2 ulp; NaN for negative `x` unless the exponent is whole.
    Power { exponent }, "Pow", Input, "", "exponent {x}^(exponent - 1)",
    |self, x| power(x, self.exponent),
    // What is 1 everywhere has no slope, not even where the formula would be 0 times infinity.
    |x| if self.exponent == 0.0 { V::zero(x.isa()) } else { number(x, self.exponent) * power(x, self.exponent - 1.0) }
);

/// Small exponents as PyTorch works them out, by a product or a root of one or two roundings; others in general.
#[inline(always)]
fn power<V: Vector>(x: V, exponent: f64) -> V {
    let one = number(x, 1.0);
    if exponent == 0.0 {
        one
    } else if exponent == 1.0 {
        x
    } else if exponent == 2.0 {
        x * x
    } else if exponent == 3.0 {
        x * x * x
    } else if exponent == 4.0 {
        (x * x) * (x * x)
    } else if exponent == 0.5 {
        x.sqrt()
    } else if exponent == -0.5 {
        one / x.sqrt()
    } else if exponent == -1.0 {
        one / x
    } else if exponent == -2.0 {
        (one / x) * (one / x)
    } else {
        math::pow(x, number(x, exponent))
    }
}
