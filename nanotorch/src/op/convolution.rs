//! Convolutions with the operands of a layer, and the same backwards, which is the forward of a transposed convolution.

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::convolution::{self, Convolution};
use crate::kernel::finish::Finish;
use crate::kernel::window::Window;
use crate::simd::Simd;

/// Shows ONNX's attributes of a window: a number for each axis that it slides over, the last `rank` of three.
pub(super) fn window_attributes<T>(window: &Window, rank: usize, see: &mut dyn FnMut(Operand<'_, T>)) {
    let lists: [(&'static str, [usize; 3]); 5] = [
        ("kernel_shape", window.kernel),
        ("strides", window.stride),
        ("dilations", window.dilation),
        ("pads", window.before),
        ("pads", window.after),
    ];
    for (name, list) in lists {
        for length in list.into_iter().skip(3 - rank.min(3)) {
            see(Operand::Attribute(name, length as f64));
        }
    }
}

/// `y = x ⋆ w + b`: x `(N, C, ..)`, w `(O, C / groups, ..)`, b `(O)`, y `(N, O, ..)`.
pub struct ConvolutionForward<'a, T> {
    /// All sizes but the number of samples.
    pub size: &'a Convolution,
    /// Axes that the window slides over.
    pub rank: usize,
    /// Samples.
    pub rows: usize,
    /// The input.
    pub x: &'a [T],
    /// The weights.
    pub weight: &'a [T],
    /// The bias; may be empty for none.
    pub bias: &'a [T],
    /// The output.
    pub y: &'a mut [T],
    /// At least [`Convolution::forward_workspace`] numbers.
    pub workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for ConvolutionForward<'_, T> {
    const NAME: &'static str = "Conv";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Input(self.weight));
        if !self.bias.is_empty() {
            see(Operand::Input(self.bias));
        }
        see(Operand::Output(self.y));
        window_attributes(&self.size.window, self.rank, see);
        see(Operand::Attribute("group", self.size.groups as f64));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let ConvolutionForward { size, rows, x, weight, bias, y, workspace, .. } = self;
        let Cpu { simd, threads } = cpu;
        let finish = Finish::bias(bias);
        convolution::forward(simd, threads, size, rows, x, weight, finish, None, y, workspace);
    }
}

/// `y = finish(x ⋆ w)`, or that of a transposed convolution: with all that follows at inference, a maximum under a window too.
pub struct ConvolutionFinished<'a, T> {
    /// All sizes but the number of samples.
    pub size: &'a Convolution,
    /// Whether it is the transposed one, from `size`'s output to its input.
    pub transposed: bool,
    /// Samples.
    pub rows: usize,
    /// The input.
    pub x: &'a [T],
    /// The weights.
    pub weight: &'a [T],
    /// What becomes of the sums.
    pub finish: Finish<'a, T>,
    /// The window of a maximum over the result, if that is the output.
    pub pool: Option<&'a Window>,
    /// The output.
    pub y: &'a mut [T],
    /// As of [`ConvolutionForward`] or [`ConvolutionInputGradient`].
    pub workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for ConvolutionFinished<'_, T> {
    const NAME: &'static str = "FusedConv";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        for numbers in [self.x, self.weight, self.finish.scale, self.finish.shift] {
            see(Operand::Input(numbers));
        }
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let ConvolutionFinished { size, rows, x, weight, finish, pool, y, workspace, .. } = self;
        if self.transposed {
            convolution::input_gradient(cpu.simd, cpu.threads, size, rows, x, weight, finish, y, workspace);
        } else {
            convolution::forward(cpu.simd, cpu.threads, size, rows, x, weight, finish, pool, y, workspace);
        }
    }
}

/// The gradient by the input of a convolution, or, with a bias, the forward of a transposed one.
pub struct ConvolutionInputGradient<'a, T> {
    /// All sizes of the convolution but the number of samples.
    pub size: &'a Convolution,
    /// Axes that the window slides over.
    pub rank: usize,
    /// Samples.
    pub rows: usize,
    /// The gradient by the output; the input of a transposed convolution.
    pub dy: &'a [T],
    /// The weights.
    pub weight: &'a [T],
    /// Added to each channel of the result; may be empty for none.
    pub bias: &'a [T],
    /// The gradient by the input; the output of a transposed convolution.
    pub dx: &'a mut [T],
    /// At least [`Convolution::input_gradient_workspace`] numbers.
    pub workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for ConvolutionInputGradient<'_, T> {
    const NAME: &'static str = "ConvTranspose";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Input(self.weight));
        if !self.bias.is_empty() {
            see(Operand::Input(self.bias));
        }
        see(Operand::Output(self.dx));
        window_attributes(&self.size.window, self.rank, see);
        for length in self.size.window.input.into_iter().skip(3 - self.rank.min(3)) {
            see(Operand::Attribute("output_shape", length as f64));
        }
        see(Operand::Attribute("group", self.size.groups as f64));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let ConvolutionInputGradient { size, rows, dy, weight, bias, dx, workspace, .. } = self;
        let Cpu { simd, threads } = cpu;
        let finish = Finish::bias(bias);
        convolution::input_gradient(simd, threads, size, rows, dy, weight, finish, dx, workspace);
    }
}

/// The gradients by weights and bias of a convolution, or added to what is there.
pub struct ConvolutionWeightGradient<'a, T> {
    /// All sizes but the number of samples.
    pub size: &'a Convolution,
    /// Samples.
    pub rows: usize,
    /// The input.
    pub x: &'a [T],
    /// The gradient by the output.
    pub dy: &'a [T],
    /// The gradient by the weights.
    pub weight: &'a mut [T],
    /// The gradient by the bias; may be empty for none.
    pub bias: &'a mut [T],
    /// Whether the gradients replace what is there.
    pub accumulate: Accumulate,
    /// At least [`Convolution::weight_gradient_workspace`] numbers.
    pub workspace: &'a mut [T],
}

impl<T: Float> Kernel<T> for ConvolutionWeightGradient<'_, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Input(self.dy));
        see(Operand::Output(self.weight));
        if !self.bias.is_empty() {
            see(Operand::Output(self.bias));
        }
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let ConvolutionWeightGradient { size, rows, x, dy, weight, bias, accumulate, workspace } = self;
        let Cpu { simd, threads } = cpu;
        convolution::weight_gradient(simd, threads, size, rows, x, dy, weight, bias, accumulate, workspace);
    }
}

/// `sums(c) = Σ x(n, c, p)`, or added to what is there: the gradient by the bias of a transposed convolution.
pub struct ChannelSums<'a, T> {
    /// Numbers `(N, C, ..)`.
    pub x: &'a [T],
    /// Numbers of one channel of a sample.
    pub length: usize,
    /// A sum for each channel.
    pub sums: &'a mut [T],
    /// Whether the sums replace what is there.
    pub accumulate: Accumulate,
}

impl<T: Float> Kernel<T> for ChannelSums<'_, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.sums));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        if self.accumulate == Accumulate::Replace {
            self.sums.fill(T::ZERO);
        }
        let channels = self.sums.len();
        for (index, x) in self.x.chunks_exact(self.length).enumerate() {
            self.sums[index % channels] += crate::kernel::reduce::sum(cpu.simd, x);
        }
    }
}
