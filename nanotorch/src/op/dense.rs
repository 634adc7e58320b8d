//! Matrix products with the operands of a dense layer.

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::simd::Simd;

/// `y = x wᵀ + b`: x `(M, K)`, w `(N, K)`, b `(N)`, y `(M, N)`.
pub struct DenseForward<'a, M, N, K, T> {
    /// Rows, outputs, inputs.
    pub size: (M, N, K),
    /// The input.
    pub x: &'a [T],
    /// The weights.
    pub weight: &'a [T],
    /// The bias; may be empty for none.
    pub bias: &'a [T],
    /// The output.
    pub y: &'a mut [T],
    /// At least [`forward_workspace`] numbers.
    pub workspace: &'a mut [T],
}

impl<M: Extent, N: Extent, K: Extent, T: Float> Kernel<T> for DenseForward<'_, M, N, K, T> {
    const NAME: &'static str = "Gemm";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Input(self.weight));
        if !self.bias.is_empty() {
            see(Operand::Input(self.bias));
        }
        see(Operand::Output(self.y));
        see(Operand::Attribute("transB", 1.0));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let (m, n, k) = (self.size.0.get(), self.size.1.get(), self.size.2.get());
        let _ = (cpu, self.workspace);
        for i in 0..m {
            for j in 0..n {
                let mut sum = if self.bias.is_empty() { T::ZERO } else { self.bias[j] };
                for l in 0..k {
                    sum += self.x[i * k + l] * self.weight[j * k + l];
                }
                self.y[i * n + j] = sum;
            }
        }
    }
}

/// `dx = dy w`: dy `(M, N)`, w `(N, K)`, dx `(M, K)`.
pub struct DenseInputGradient<'a, M, N, K, T> {
    /// Rows, outputs, inputs.
    pub size: (M, N, K),
    /// The gradient by the output.
    pub dy: &'a [T],
    /// The weights.
    pub weight: &'a [T],
    /// The gradient by the input.
    pub dx: &'a mut [T],
    /// At least [`input_gradient_workspace`] numbers.
    pub workspace: &'a mut [T],
}

impl<M: Extent, N: Extent, K: Extent, T: Float> Kernel<T> for DenseInputGradient<'_, M, N, K, T> {
    const NAME: &'static str = "Gemm";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Input(self.weight));
        see(Operand::Output(self.dx));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let (m, n, k) = (self.size.0.get(), self.size.1.get(), self.size.2.get());
        let _ = (cpu, self.workspace);
        for i in 0..m {
            for l in 0..k {
                let mut sum = T::ZERO;
                for j in 0..n {
                    sum += self.dy[i * n + j] * self.weight[j * k + l];
                }
                self.dx[i * k + l] = sum;
            }
        }
    }
}

/// `dw = dyᵀ x`, `db = Σ dy` over rows, or added to what is there.
pub struct DenseParameterGradient<'a, M, N, K, T> {
    /// Rows, outputs, inputs.
    pub size: (M, N, K),
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
    /// At least [`parameter_gradient_workspace`] numbers.
    pub workspace: &'a mut [T],
}

impl<M: Extent, N: Extent, K: Extent, T: Float> Kernel<T> for DenseParameterGradient<'_, M, N, K, T> {
    const NAME: &'static str = "Gemm";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.dy));
        see(Operand::Input(self.x));
        see(Operand::Output(self.weight));
        see(Operand::Attribute("transA", 1.0));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<S>) {
        let (m, n, k) = (self.size.0.get(), self.size.1.get(), self.size.2.get());
        let _ = (cpu, self.workspace);
        if self.accumulate == Accumulate::Replace {
            self.weight.fill(T::ZERO);
            self.bias.fill(T::ZERO);
        }
        for i in 0..m {
            for j in 0..n {
                let dy = self.dy[i * n + j];
                for l in 0..k {
                    self.weight[j * k + l] += dy * self.x[i * k + l];
                }
                if !self.bias.is_empty() {
                    self.bias[j] += dy;
                }
            }
        }
    }
}

/// The workspace of [`DenseForward`].
pub const fn forward_workspace<T: Float>(outputs: usize, inputs: usize) -> usize {
    let _ = (outputs, inputs);
    0
}

/// The workspace of [`DenseInputGradient`].
pub const fn input_gradient_workspace<T: Float>(outputs: usize, inputs: usize) -> usize {
    let _ = (outputs, inputs);
    0
}

/// The workspace of [`DenseParameterGradient`].
pub const fn parameter_gradient_workspace<T: Float>(outputs: usize, inputs: usize) -> usize {
    let _ = (outputs, inputs);
    0
}
