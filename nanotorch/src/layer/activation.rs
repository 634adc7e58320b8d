//! Layers that apply a function to every element. The functions themselves are in [`crate::op::activation`].

use core::marker::PhantomData;

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::model::{Backward, Follows, Formulas, Layer, Memory, Needs};
use crate::op::{
    Keeps, Unary, UnaryBackward, UnaryBackwardInPlace, UnaryForward, UnaryForwardInPlace, activation,
};
use crate::shape::Shape;

/// `y = f(x)`, element by element, for any [`Unary`] function: the input's shape, whatever it is. It has no parameters.
///
/// ```
/// use nanotorch::{layer::Elementwise, op::{Keeps, Unary}, prelude::*, simd::Vector};
///
/// /// `x²`
/// #[derive(Clone, Copy, Default)]
/// pub struct Square;
/// impl Unary for Square {
///     const NAME: &'static str = "Square";
///     const KEEPS: Keeps = Keeps::Input;
///     fn value<V: Vector>(self, x: V) -> V { x * x }
///     fn derivative<V: Vector>(self, x: V) -> V { x + x }
/// }
///
/// #[model(input = [4])]
/// pub struct Net {
///     hidden: Linear<4, 16>,
///     square: Elementwise<Square>,
///     head: Linear<16, 2>,
/// }
/// ```
#[crate::layer]
pub struct Elementwise<O: Unary, T: Float = f32> {
    function: PhantomData<fn() -> (O, T)>,
}

/// `max(x, 0)`. Source: PyTorch's `torch.nn.ReLU`.
pub type Relu<T = f32> = Elementwise<activation::Relu, T>;
/// `x` where it is positive, else `x * NUMERATOR / DENOMINATOR`, by default `x / 100`. Source: PyTorch's `torch.nn.LeakyReLU`.
pub type LeakyRelu<const NUMERATOR: usize = 1, const DENOMINATOR: usize = 100, T = f32> =
    Elementwise<activation::LeakyRelu<NUMERATOR, DENOMINATOR>, T>;
/// `1 / (1 + e^-x)`. Source: PyTorch's `torch.nn.Sigmoid`.
pub type Sigmoid<T = f32> = Elementwise<activation::Sigmoid, T>;
/// `tanh x`. Source: PyTorch's `torch.nn.Tanh`.
pub type Tanh<T = f32> = Elementwise<activation::Tanh, T>;
/// `x Φ(x)`, exact. Source: PyTorch's `torch.nn.GELU`.
pub type Gelu<T = f32> = Elementwise<activation::Gelu, T>;
/// GELU's tanh form. Source: PyTorch's `torch.nn.GELU(approximate='tanh')`.
pub type GeluTanh<T = f32> = Elementwise<activation::GeluTanh, T>;
/// `x sigmoid(x)`. Source: PyTorch's `torch.nn.SiLU`.
pub type Silu<T = f32> = Elementwise<activation::Silu, T>;
/// `x` where it is positive, else `alpha (e^x - 1)` with alpha `NUMERATOR / DENOMINATOR`, by default 1. Source: PyTorch's `torch.nn.ELU`.
pub type Elu<const NUMERATOR: usize = 1, const DENOMINATOR: usize = 1, T = f32> =
    Elementwise<activation::Elu<NUMERATOR, DENOMINATOR>, T>;
/// `ln(1 + e^x)`. Source: PyTorch's `torch.nn.Softplus`.
pub type Softplus<T = f32> = Elementwise<activation::Softplus, T>;

impl<I: Shape, O: Unary, T: Float> Layer<I> for Elementwise<O, T> {
    type Out = I;
    const FLOPS: usize = I::LEN * O::FLOPS;
    const NEEDS: Needs = Needs {
        input: matches!(O::KEEPS, Keeps::Input),
        output: matches!(O::KEEPS, Keeps::Output),
        in_place: true,
        ..Needs::NOTHING
    };
    const FORMULAS: Formulas = Formulas::of_function::<O>();
    const FOLLOWS: Follows = if O::RECTIFIES { Follows::Rectifies } else { Follows::Nothing };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(UnaryForward { op: O::default(), x, y });
    }

    #[inline(always)]
    fn forward_in_place<P: Pass>(&self, pass: &mut P, y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(UnaryForwardInPlace { op: O::default(), y });
    }

    #[inline(always)]
    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        let Backward { x, y, dy, dx } = edges;
        if let Some(dx) = dx {
            let kept = if matches!(O::KEEPS, Keeps::Input) { x } else { y };
            pass.device().run(UnaryBackward { op: O::default(), kept, dy, dx });
        }
    }

    #[inline(always)]
    fn backward_in_place<P: Pass>(&self, pass: &mut P, x: &[T], y: &[T], dy: &mut [T], _: Memory<'_, T>) {
        let kept = if matches!(O::KEEPS, Keeps::Input) { x } else { y };
        pass.device().run(UnaryBackwardInPlace { op: O::default(), kept, dy });
    }
}
