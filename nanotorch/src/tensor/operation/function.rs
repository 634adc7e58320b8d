//! Functions of one number on every element, and of rows.

use super::face::{ElementOf, Face, FloatFace, Numbers, Of};
use crate::element::Float;
use crate::graph::function;
use crate::op::softmax::{LogSoftmax, Softmax};
use crate::op::{Unary, activation, elementary};
use crate::rule::{Elementwise, Rowwise};
use crate::shape::{Dim, Shape};

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident: $op:expr;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            fn $name(&self) -> Of<Self, Self::Shape> {
                self.apply($op)
            }
        )*
    };
}

/// Functions of one number, on every element: of tensors, and of variables of a tape, where each has its derivative.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
/// assert_eq!(tensor![[-1.0, 4.0]].sqrt().relu()[[0, 1]], 2.0);
/// ```
pub trait Functions: Numbers<Face: FloatFace> {
    /// A function of one number, on every element: one of [`crate::op`], or of one's own.
    ///
    /// ```
    /// use nanotorch::{op::activation::Relu, prelude::*, tensor};
    /// assert_eq!(tensor![-1.0, 2.0].apply(Relu), tensor![0.0, 2.0]);
    /// ```
    #[must_use]
    fn apply<O: Unary>(&self, function: O) -> Of<Self, Self::Shape> {
        let x = self.raw();
        let layout = Self::Face::layout(x);
        Self::Face::shaped(Self::Face::run(Elementwise { function, layout }, &[x]))
    }

    functions! {
        /// `|x|`; the derivative at 0 is 0.
        abs: function::Abs {};
        /// The sign: -1, 0 or 1.
        sign: elementary::Sign;
        /// `√x`.
        sqrt: function::Sqrt {};
        /// `1 / √x`.
        rsqrt: elementary::Rsqrt;
        /// `x²`.
        square: function::Square {};
        /// `1 / x`.
        recip: function::Reciprocal {};
        /// `e^x`.
        exp: function::Exp {};
        /// `2^x`.
        exp2: elementary::Exp2;
        /// `e^x - 1`, exact for small `x` too.
        expm1: elementary::Expm1;
        /// `ln x`.
        ln: function::Ln {};
        /// `log₂ x`.
        log2: elementary::Log2;
        /// `log₁₀ x`.
        log10: elementary::Log10;
        /// `ln(1 + x)`, exact for small `x` too.
        log1p: elementary::Log1p;
        /// `sin x`.
        sin: elementary::Sin;
        /// `cos x`.
        cos: elementary::Cos;
        /// `tan x`.
        tan: elementary::Tan;
        /// `asin x`.
        asin: elementary::Asin;
        /// `acos x`.
        acos: elementary::Acos;
        /// `atan x`.
        atan: elementary::Atan;
        /// `sinh x`.
        sinh: elementary::Sinh;
        /// `cosh x`.
        cosh: elementary::Cosh;
        /// `tanh x`.
        tanh: activation::Tanh;
        /// `erf x`, the error function.
        erf: elementary::Erf;
        /// The largest whole number that isn't above `x`.
        floor: elementary::Floor;
        /// The smallest whole number that isn't below `x`.
        ceil: elementary::Ceil;
        /// The nearest whole number, the even one of two.
        round: elementary::Round;
        /// `max(x, 0)`.
        relu: activation::Relu;
        /// `x` where it is positive, else `x / 100`.
        leaky_relu: activation::LeakyRelu::<1, 100>;
        /// `1 / (1 + e^-x)`.
        sigmoid: activation::Sigmoid;
        /// `x Φ(x)`, with the normal distribution's cumulative function.
        gelu: activation::Gelu;
        /// `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
        gelu_tanh: activation::GeluTanh;
        /// `x sigmoid(x)`.
        silu: activation::Silu;
        /// `x` where it is positive, else `e^x - 1`.
        elu: activation::Elu::<1, 1>;
        /// `ln(1 + e^x)`.
        softplus: activation::Softplus;
    }

    /// `x^exponent`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![2.0, -3.0].powf(3.0), tensor![8.0, -27.0]);
    /// ```
    #[must_use]
    fn powf(&self, exponent: f64) -> Of<Self, Self::Shape> {
        self.apply(function::Power { exponent })
    }

    /// `x`, but at least `low` and at most `high`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![-5.0, 0.5, 5.0].clamp(-1.0, 1.0), tensor![-1.0, 0.5, 1.0]);
    /// ```
    #[must_use]
    fn clamp(&self, low: ElementOf<Self>, high: ElementOf<Self>) -> Of<Self, Self::Shape> {
        self.apply(elementary::Clamp { low: low.to_f64(), high: high.to_f64() })
    }

    /// `y[c] = e^x[c] / sum over k of e^x[k]`, along the last axis.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 1.0], [0.0, 200.0]].softmax(), tensor![[0.5, 0.5], [0.0, 1.0]]);
    /// ```
    #[must_use]
    fn softmax(&self) -> Of<Self, Self::Shape> {
        const { has_rows::<Self::Shape>() };
        let x = self.raw();
        let layout = Self::Face::layout(x);
        Self::Face::shaped(Self::Face::run(Rowwise { function: Softmax, layout }, &[x]))
    }

    /// `ln softmax(x)`, along the last axis.
    #[must_use]
    fn log_softmax(&self) -> Of<Self, Self::Shape> {
        const { has_rows::<Self::Shape>() };
        let x = self.raw();
        let layout = Self::Face::layout(x);
        Self::Face::shaped(Self::Face::run(Rowwise { function: LogSoftmax, layout }, &[x]))
    }
}

const fn has_rows<S: Shape>() {
    assert!(S::RANK > 0, "a single number has no last axis to go along");
    assert!(S::Last::N > 0, "an axis of length 0 has nothing to go along");
}

impl<N: Numbers<Face: FloatFace> + ?Sized> Functions for N {}
