//! Activation functions: each with its value and its derivative.
//!
//! Definitions and defaults are PyTorch's, kinks included: the derivative at a kink is that of the side PyTorch takes.

use super::{Keeps, Unary};
use crate::element::Float;
use crate::kernel::math;
use crate::simd::Vector;

#[inline(always)]
fn number<V: Vector>(x: V, value: f64) -> V {
    V::splat(x.isa(), V::Scalar::from_f64(value))
}

#[inline(always)]
fn where_positive<V: Vector>(x: V, yes: V, no: V) -> V {
    V::select(x.gt(V::zero(x.isa())), yes, no)
}

/// `max(x, 0)`; the derivative at 0 is 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relu;

impl Unary for Relu {
    const NAME: &'static str = "Relu";
    const KEEPS: Keeps = Keeps::Output;
    const FORMULA: &'static str = "max({x}, 0)";
    const DERIVATIVE: &'static str = "({y} > 0 ? 1 : 0)";
    const RECTIFIES: bool = true;
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        // In this order a NaN stays one.
        V::zero(x.isa()).max(x)
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        where_positive(y, number(y, 1.0), V::zero(y.isa()))
    }
}

/// `x` where it is positive, else `slope * x`, with the slope `NUMERATOR / DENOMINATOR`.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeakyRelu<const NUMERATOR: usize, const DENOMINATOR: usize>;

impl<const NUMERATOR: usize, const DENOMINATOR: usize> LeakyRelu<NUMERATOR, DENOMINATOR> {
    const SLOPE: f64 = NUMERATOR as f64 / DENOMINATOR as f64;
}

impl<const NUMERATOR: usize, const DENOMINATOR: usize> Unary for LeakyRelu<NUMERATOR, DENOMINATOR> {
    const NAME: &'static str = "LeakyRelu";
    // The slope isn't negative, so the output has the input's sign.
    const KEEPS: Keeps = Keeps::Output;
    const FORMULA: &'static str = "leaky_relu({x})";
    const DERIVATIVE: &'static str = "({y} > 0 ? 1 : slope)";
    fn attributes(self, see: &mut dyn FnMut(&'static str, f64)) {
        see("alpha", Self::SLOPE);
    }
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        where_positive(x, x, x * number(x, Self::SLOPE))
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        where_positive(y, number(y, 1.0), number(y, Self::SLOPE))
    }
}

/// `1 / (1 + e^-x)`; the derivative is `y (1 - y)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sigmoid;

impl Unary for Sigmoid {
    const NAME: &'static str = "Sigmoid";
    const KEEPS: Keeps = Keeps::Output;
    const FLOPS: usize = 4;
    const FORMULA: &'static str = "sigmoid({x})";
    const DERIVATIVE: &'static str = "{y} (1 - {y})";
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        math::sigmoid(x)
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y * (number(y, 1.0) - y)
    }
}

/// `tanh x`; the derivative is `1 - y²`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;

impl Unary for Tanh {
    const NAME: &'static str = "Tanh";
    const KEEPS: Keeps = Keeps::Output;
    const FLOPS: usize = 4;
    const FORMULA: &'static str = "tanh({x})";
    const DERIVATIVE: &'static str = "(1 - {y}²)";
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        math::tanh(x)
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y.neg_mul_add(y, number(y, 1.0))
    }
}

/// `x Φ(x)`, with the normal distribution's cumulative function (Hendrycks and Gimpel, 2016).
#[derive(Clone, Copy, Debug, Default)]
pub struct Gelu;

impl Unary for Gelu {
    const NAME: &'static str = "Gelu";
    const KEEPS: Keeps = Keeps::Input;
    const FLOPS: usize = 8;
    const FORMULA: &'static str = "{x} Φ({x})";
    const DERIVATIVE: &'static str = "(Φ({x}) + {x} φ({x}))";
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        math::gelu(x)
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, x: V) -> V {
        math::gelu_derivative(x)
    }
}

/// `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`: GELU's approximation of the same paper.
#[derive(Clone, Copy, Debug, Default)]
pub struct GeluTanh;

impl Unary for GeluTanh {
    const NAME: &'static str = "GeluTanh";
    const KEEPS: Keeps = Keeps::Input;
    const FLOPS: usize = 10;
    const FORMULA: &'static str = "gelu_tanh({x})";
    const DERIVATIVE: &'static str = "gelu_tanh'({x})";
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        math::gelu_tanh(x)
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, x: V) -> V {
        math::gelu_tanh_derivative(x)
    }
}

/// `x sigmoid(x)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silu;

impl Unary for Silu {
    const NAME: &'static str = "Silu";
    const KEEPS: Keeps = Keeps::Input;
    const FLOPS: usize = 5;
    const FORMULA: &'static str = "{x} sigmoid({x})";
    const DERIVATIVE: &'static str = "sigmoid({x}) (1 + {x} (1 - sigmoid({x})))";
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        math::silu(x)
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, x: V) -> V {
        let sigmoid = math::sigmoid(x);
        // s + x s (1 - s)
        (x * sigmoid).mul_add(number(x, 1.0) - sigmoid, sigmoid)
    }
}

/// `x` where it is positive, else `alpha (e^x - 1)`, with alpha `NUMERATOR / DENOMINATOR` (Clevert et al., 2016).
#[derive(Clone, Copy, Debug, Default)]
pub struct Elu<const NUMERATOR: usize, const DENOMINATOR: usize>;

impl<const NUMERATOR: usize, const DENOMINATOR: usize> Elu<NUMERATOR, DENOMINATOR> {
    const ALPHA: f64 = NUMERATOR as f64 / DENOMINATOR as f64;
}

impl<const NUMERATOR: usize, const DENOMINATOR: usize> Unary for Elu<NUMERATOR, DENOMINATOR> {
    const NAME: &'static str = "Elu";
    const KEEPS: Keeps = Keeps::Output;
    const FLOPS: usize = 4;
    const FORMULA: &'static str = "elu({x})";
    const DERIVATIVE: &'static str = "({y} > 0 ? 1 : {y} + alpha)";
    fn attributes(self, see: &mut dyn FnMut(&'static str, f64)) {
        see("alpha", Self::ALPHA);
    }
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        where_positive(x, x, math::expm1(x) * number(x, Self::ALPHA))
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        where_positive(y, number(y, 1.0), y + number(y, Self::ALPHA))
    }
}

/// `ln(1 + e^x)`; above 20 it is `x` itself, as PyTorch has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Softplus;

/// Where softplus becomes the identity.
const THRESHOLD: f64 = 20.0;

impl Unary for Softplus {
    const NAME: &'static str = "Softplus";
    const KEEPS: Keeps = Keeps::Input;
    const FLOPS: usize = 6;
    const FORMULA: &'static str = "ln(1 + exp({x}))";
    const DERIVATIVE: &'static str = "sigmoid({x})";
    #[inline(always)]
    fn value<V: Vector>(self, x: V) -> V {
        V::select(x.gt(number(x, THRESHOLD)), x, math::softplus(x))
    }
    #[inline(always)]
    fn derivative<V: Vector>(self, x: V) -> V {
        V::select(x.gt(number(x, THRESHOLD)), number(x, 1.0), math::sigmoid(x))
    }
}
