//! Softmax and its logarithm over the rows of a matrix. Which of the two it is, is a type: [`Softmax`] or [`LogSoftmax`].

use super::formula::Formulas;
use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::softmax as kernel;
use crate::simd::Simd;

/// A function of the rows of a matrix that is differentiated by its output.
pub trait RowFunction: Copy + Default + Send + Sync + 'static {
    /// ONNX's name for it.
    const NAME: &'static str;
    /// Floating-point operations a number, for counting.
    const FLOPS: usize;
    /// How it is written on paper.
    const FORMULAS: Formulas;
    /// `y = f(x)`, row by row of `n`. Mark the implementation `#[inline(always)]`, as those of the others.
    fn forward<S: Simd, T: Float>(self, simd: S, n: impl Extent, x: &[T], y: &mut [T]);
    /// `y = f(y)`.
    fn forward_in_place<S: Simd, T: Float>(self, simd: S, n: impl Extent, y: &mut [T]);
    /// The gradient `dx` by the input from that by the output, `dy`.
    fn backward<S: Simd, T: Float>(self, simd: S, n: impl Extent, y: &[T], dy: &[T], dx: &mut [T]);
    /// As `backward`, with `dx` in the place of `dy`.
    fn backward_in_place<S: Simd, T: Float>(self, simd: S, n: impl Extent, y: &[T], dy: &mut [T]);
}

macro_rules! row_function {
    (
        $(#[$doc:meta])* $Name:ident, flops: $flops:literal, [$value:literal, $gradient:literal],
        $forward:ident, $forward_in_place:ident, $backward:ident, $backward_in_place:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Name;

        impl RowFunction for $Name {
            const NAME: &'static str = stringify!($Name);
            const FLOPS: usize = $flops;
            const FORMULAS: Formulas = Formulas { value: &[$value], edges: &[&[$gradient]], parameters: &[] };
            #[inline(always)]
            fn forward<S: Simd, T: Float>(self, simd: S, n: impl Extent, x: &[T], y: &mut [T]) {
                kernel::$forward(simd, n, x, y);
            }
            #[inline(always)]
            fn forward_in_place<S: Simd, T: Float>(self, simd: S, n: impl Extent, y: &mut [T]) {
                kernel::$forward_in_place(simd, n, y);
            }
            #[inline(always)]
            fn backward<S: Simd, T: Float>(self, simd: S, n: impl Extent, y: &[T], dy: &[T], dx: &mut [T]) {
                kernel::$backward(simd, n, y, dy, dx);
            }
            #[inline(always)]
            fn backward_in_place<S: Simd, T: Float>(self, simd: S, n: impl Extent, y: &[T], dy: &mut [T]) {
                kernel::$backward_in_place(simd, n, y, dy);
            }
        }
    };
}
row_function! {
    /// `y[c] = exp(x[c]) / sum over k of exp(x[k])`; backward `dx[c] = y[c] (dy[c] - sum over k of dy[k] y[k])`.
    Softmax, flops: 5, ["softmax({0})", "{y} * ({dy} - sum of {dy} * {y})"], softmax, softmax_in_place, softmax_backward, softmax_backward_in_place
}
row_function! {
    /// `y[c] = x[c] - ln(sum over k of exp(x[k]))`; backward `dx[c] = dy[c] - exp(y[c]) sum over k of dy[k]`.
    LogSoftmax, flops: 5, ["log_softmax({0})", "{dy} - exp({y}) * sum of {dy}"], log_softmax, log_softmax_in_place, log_softmax_backward, log_softmax_backward_in_place
}

/// Numbers that are worth handing to another thread: some microseconds of work.
const LEAST: usize = 16 * 1024;

/// `y = f(x)`, row by row.
pub struct RowForward<'a, F, N, T> {
    /// The function.
    pub function: F,
    /// The length of a row.
    pub n: N,
    /// The input.
    pub x: &'a [T],
    /// The output.
    pub y: &'a mut [T],
}

impl<T: Float, F: RowFunction, N: Extent> Kernel<T> for RowForward<'_, F, N, T> {
    const NAME: &'static str = F::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
        see(Operand::Attribute("axis", -1.0));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let RowForward { function, n, x, y } = self;
        let parts = cpu.threads.parts(y.len(), LEAST);
        if parts == 1 {
            return function.forward(cpu.simd, n, x, y);
        }
        assert_eq!(x.len(), y.len(), "one result for each number");
        cpu.threads.each_part(parts, n.get(), y, &|start, y| {
            let x = &x[start..][..y.len()];
            cpu.simd.vectorize(
                #[inline(always)]
                || function.forward(cpu.simd, n, x, y),
            );
        });
    }
}

/// `y = f(y)`, row by row.
pub struct RowForwardInPlace<'a, F, N, T> {
    /// The function.
    pub function: F,
    /// The length of a row.
    pub n: N,
    /// The input, then the output.
    pub y: &'a mut [T],
}

impl<T: Float, F: RowFunction, N: Extent> Kernel<T> for RowForwardInPlace<'_, F, N, T> {
    const NAME: &'static str = F::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.y));
        see(Operand::Output(self.y));
        see(Operand::Attribute("axis", -1.0));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let RowForwardInPlace { function, n, y } = self;
        let parts = cpu.threads.parts(y.len(), LEAST);
        if parts == 1 {
            return function.forward_in_place(cpu.simd, n, y);
        }
        cpu.threads.each_part(parts, n.get(), y, &|_, y| {
            cpu.simd.vectorize(
                #[inline(always)]
                || function.forward_in_place(cpu.simd, n, y),
            );
        });
    }
}

/// The gradient by the input of a function of rows.
pub struct RowBackward<'a, F, N, T> {
    /// The function.
    pub function: F,
    /// The length of a row.
    pub n: N,
    /// The function's output.
    pub y: &'a [T],
    /// The gradient by the output.
    pub dy: &'a [T],
    /// The gradient by the input.
    pub dx: &'a mut [T],
}

impl<T: Float, F: RowFunction, N: Extent> Kernel<T> for RowBackward<'_, F, N, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.y));
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dx));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let RowBackward { function, n, y, dy, dx } = self;
        let parts = cpu.threads.parts(dx.len(), LEAST);
        if parts == 1 {
            return function.backward(cpu.simd, n, y, dy, dx);
        }
        assert!(y.len() == dx.len() && dy.len() == dx.len(), "one derivative for each number");
        cpu.threads.each_part(parts, n.get(), dx, &|start, dx| {
            let (y, dy) = (&y[start..][..dx.len()], &dy[start..][..dx.len()]);
            cpu.simd.vectorize(
                #[inline(always)]
                || function.backward(cpu.simd, n, y, dy, dx),
            );
        });
    }
}

/// As [`RowBackward`], with the gradient by the input in the place of that by the output.
pub struct RowBackwardInPlace<'a, F, N, T> {
    /// The function.
    pub function: F,
    /// The length of a row.
    pub n: N,
    /// The function's output.
    pub y: &'a [T],
    /// The gradient by the output, then by the input.
    pub dy: &'a mut [T],
}

impl<T: Float, F: RowFunction, N: Extent> Kernel<T> for RowBackwardInPlace<'_, F, N, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.y));
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dy));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let RowBackwardInPlace { function, n, y, dy } = self;
        let parts = cpu.threads.parts(dy.len(), LEAST);
        if parts == 1 {
            return function.backward_in_place(cpu.simd, n, y, dy);
        }
        assert_eq!(y.len(), dy.len(), "one derivative for each number");
        cpu.threads.each_part(parts, n.get(), dy, &|start, dy| {
            let y = &y[start..][..dy.len()];
            cpu.simd.vectorize(
                #[inline(always)]
                || function.backward_in_place(cpu.simd, n, y, dy),
            );
        });
    }
}
