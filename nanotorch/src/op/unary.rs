//! Functions of one number, applied to every element.

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::kernel::map::{BinaryMap, UnaryMap, map_in_place_on, map_on, zip_in_place_on, zip_on};
use crate::simd::{Simd, Vector};

/// What the derivative of a function is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// From the input.
    Input,
    /// From the output, which is often needed anyway: then the function can work in place.
    Output,
    /// From neither: it is a constant.
    Nothing,
}

/// A function of one number and its derivative.
///
/// ```
/// use nanotorch::op::{Keeps, Unary};
/// use nanotorch::simd::Vector;
///
/// /// x²
/// #[derive(Clone, Copy, Default)]
/// struct Square;
/// impl Unary for Square {
///     const NAME: &'static str = "Square";
///     const KEEPS: Keeps = Keeps::Input;
///     fn value<V: Vector>(self, x: V) -> V {
///         x * x
///     }
///     fn derivative<V: Vector>(self, x: V) -> V {
///         x + x
///     }
/// }
/// ```
pub trait Unary: Copy + Default + Send + Sync + 'static {
    /// ONNX's name for it, or ours where ONNX has none.
    const NAME: &'static str;
    /// What [`derivative`](Unary::derivative) is given.
    const KEEPS: Keeps;
    /// Floating-point operations an element, for counting.
    const FLOPS: usize = 1;
    /// The value as a formula of `{x}`; none if it is best written as a call.
    const FORMULA: &'static str = "";
    /// The derivative as a formula of `{x}`, or of `{y}` where [`KEEPS`](Unary::KEEPS) is the output.
    const DERIVATIVE: &'static str = "";
    /// Whether it is `max(x, 0)`, which what comes before can do on the way out.
    const RECTIFIES: bool = false;
    /// Shows each number that the function depends on, with ONNX's name for it.
    fn attributes(self, see: &mut dyn FnMut(&'static str, f64)) {
        let _ = see;
    }
    /// The function's value at `x`. Mark the implementation `#[inline(always)]`.
    fn value<V: Vector>(self, x: V) -> V;
    /// The derivative, given the input or the output as [`KEEPS`](Unary::KEEPS) says. Mark the implementation `#[inline(always)]`.
    fn derivative<V: Vector>(self, kept: V) -> V;
}

#[derive(Clone, Copy)]
struct Value<O>(O);

impl<T: Float, O: Unary> UnaryMap<T> for Value<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
        self.0.value(x)
    }
}

#[derive(Clone, Copy)]
struct TimesDerivative<O>(O);

impl<T: Float, O: Unary> BinaryMap<T> for TimesDerivative<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, kept: V, gradient: V) -> V {
        gradient * self.0.derivative(kept)
    }
}

/// Where the derivative is a constant, whatever it is given.
#[derive(Clone, Copy)]
struct TimesConstant<O>(O);

impl<T: Float, O: Unary> UnaryMap<T> for TimesConstant<O> {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, gradient: V) -> V {
        gradient * self.0.derivative(gradient)
    }
}

/// `y = f(x)`.
pub struct UnaryForward<'a, O, T> {
    /// The function.
    pub op: O,
    /// The input.
    pub x: &'a [T],
    /// The output.
    pub y: &'a mut [T],
}

impl<T: Float, O: Unary> Kernel<T> for UnaryForward<'_, O, T> {
    const NAME: &'static str = O::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
        self.op.attributes(&mut |name, value| see(Operand::Attribute(name, value)));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        map_on(cpu.threads, cpu.simd, Value(self.op), self.x, self.y);
    }
}

/// `y = f(y)`.
pub struct UnaryForwardInPlace<'a, O, T> {
    /// The function.
    pub op: O,
    /// The input, then the output.
    pub y: &'a mut [T],
}

impl<T: Float, O: Unary> Kernel<T> for UnaryForwardInPlace<'_, O, T> {
    const NAME: &'static str = O::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.y));
        see(Operand::Output(self.y));
        self.op.attributes(&mut |name, value| see(Operand::Attribute(name, value)));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        map_in_place_on(cpu.threads, cpu.simd, Value(self.op), self.y);
    }
}

/// `dx = dy * f'`.
pub struct UnaryBackward<'a, O, T> {
    /// The function.
    pub op: O,
    /// Its input or output, as [`Unary::KEEPS`] says.
    pub kept: &'a [T],
    /// The gradient by the output.
    pub dy: &'a [T],
    /// The gradient by the input.
    pub dx: &'a mut [T],
}

impl<T: Float, O: Unary> Kernel<T> for UnaryBackward<'_, O, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.kept));
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dx));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        if const { matches!(O::KEEPS, Keeps::Nothing) } {
            map_on(cpu.threads, cpu.simd, TimesConstant(self.op), self.dy, self.dx);
        } else {
            zip_on(cpu.threads, cpu.simd, TimesDerivative(self.op), self.kept, self.dy, self.dx);
        }
    }
}

/// `dy = dy * f'`.
pub struct UnaryBackwardInPlace<'a, O, T> {
    /// The function.
    pub op: O,
    /// Its input or output, as [`Unary::KEEPS`] says.
    pub kept: &'a [T],
    /// The gradient by the output, then by the input.
    pub dy: &'a mut [T],
}

impl<T: Float, O: Unary> Kernel<T> for UnaryBackwardInPlace<'_, O, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.kept));
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dy));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        if const { matches!(O::KEEPS, Keeps::Nothing) } {
            map_in_place_on(cpu.threads, cpu.simd, TimesConstant(self.op), self.dy);
        } else {
            zip_in_place_on(cpu.threads, cpu.simd, TimesDerivative(self.op), self.kept, self.dy);
        }
    }
}
