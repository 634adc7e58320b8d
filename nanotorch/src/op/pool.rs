//! Pooling: the largest number or the mean under a window.

use super::convolution::window_attributes;
use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::kernel::pool::{self, Pooling};
use crate::kernel::window::Window;
use crate::simd::Simd;

/// What becomes of the numbers under a window.
pub trait Pool: Copy + Default + Send + Sync + 'static {
    /// ONNX's name for it.
    const NAME: &'static str;
    /// What the kernels call it.
    const POOLING: Pooling;
    /// Whether backward needs the input and the output.
    const KEEPS: bool = matches!(Self::POOLING, Pooling::Maximum);
    /// Whether what is imagined counts as 0.
    const INCLUDE_PADDING: bool = matches!(Self::POOLING, Pooling::Mean { include_padding: true });
}

/// The largest number. Of equal ones the first has the gradient.
#[derive(Clone, Copy, Debug, Default)]
pub struct Maximum;

impl Pool for Maximum {
    const NAME: &'static str = "MaxPool";
    const POOLING: Pooling = Pooling::Maximum;
}

/// The mean, in which imagined numbers count as 0 if `INCLUDE_PADDING`, as in PyTorch, else not at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mean<const INCLUDE_PADDING: bool = true>;

impl<const INCLUDE_PADDING: bool> Pool for Mean<INCLUDE_PADDING> {
    const NAME: &'static str = "AveragePool";
    const POOLING: Pooling = Pooling::Mean { include_padding: INCLUDE_PADDING };
}

/// `y = pool(x)`.
pub struct PoolForward<'a, P, T> {
    /// What becomes of the numbers under the window.
    pub pool: P,
    /// The window.
    pub window: &'a Window,
    /// Axes that it slides over.
    pub rank: usize,
    /// The input.
    pub x: &'a [T],
    /// The output.
    pub y: &'a mut [T],
}

impl<T: Float, P: Pool> Kernel<T> for PoolForward<'_, P, T> {
    const NAME: &'static str = P::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
        window_attributes(self.window, self.rank, see);
        if P::INCLUDE_PADDING {
            see(Operand::Attribute("count_include_pad", 1.0));
        }
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        pool::forward(cpu.simd, cpu.threads, P::POOLING, self.window, self.x, self.y);
    }
}

/// The gradient by the input of a pooling.
pub struct PoolBackward<'a, P, T> {
    /// What became of the numbers under the window.
    pub pool: P,
    /// The window.
    pub window: &'a Window,
    /// The input; empty unless [`Pool::KEEPS`] is set.
    pub x: &'a [T],
    /// The output; empty unless [`Pool::KEEPS`] is set.
    pub y: &'a [T],
    /// The gradient by the output.
    pub dy: &'a [T],
    /// The gradient by the input.
    pub dx: &'a mut [T],
}

impl<T: Float, P: Pool> Kernel<T> for PoolBackward<'_, P, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Input(self.y));
        see(Operand::Input(self.dy));
        see(Operand::Output(self.dx));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let PoolBackward { window, x, y, dy, dx, .. } = self;
        pool::backward(cpu.simd, cpu.threads, P::POOLING, window, x, y, dy, dx);
    }
}

/// The means of as many parts as the output has places, or the backward of that: `from` and `to` are the gradients then.
pub struct AdaptiveMean<'a, T> {
    /// Lengths of a plane of the input.
    pub input: [usize; 3],
    /// Lengths of a plane of the output.
    pub output: [usize; 3],
    /// Whether the gradient goes back.
    pub backward: bool,
    /// What is read.
    pub from: &'a [T],
    /// What is written.
    pub to: &'a mut [T],
}

impl<T: Float> Kernel<T> for AdaptiveMean<'_, T> {
    const NAME: &'static str = "AdaptiveAveragePool";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.from));
        see(Operand::Output(self.to));
        for length in self.output {
            see(Operand::Attribute("output_size", length as f64));
        }
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        if self.backward {
            pool::adaptive_mean_backward(cpu.simd, cpu.threads, self.input, self.output, self.from, self.to);
        } else {
            pool::adaptive_mean_forward(cpu.simd, cpu.threads, self.input, self.output, self.from, self.to);
        }
    }
}
