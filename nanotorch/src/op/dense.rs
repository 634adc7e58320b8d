//! Matrix products with the operands of a dense layer.
//!
//! On a device on which kernels are functions, large products of all sizes are the same three.

use crate::device::{Cpu, Device, Kernel, Operand};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::kernel::finish::{Finish, finish_rows};
use crate::kernel::gemm::{self, Bias, Plain, column_sums_on, columns, gemm_on, is_inlined, rows};
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

impl<M: Extent, N: Extent, K: Extent, T: Float> DenseForward<'_, M, N, K, T> {
    /// Has the device carry it out.
    #[inline(always)]
    pub fn run_on<D: Device>(self, device: &mut D) {
        if const { D::CALLS && !is_inlined::<M, N, K>() } {
            let DenseForward { size: (m, n, k), x, weight, bias, y, workspace } = self;
            let size = (m.get(), n.get(), k.get());
            device.run(DenseForward { size, x, weight, bias, y, workspace });
        } else {
            device.run(self);
        }
    }
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
        let (_, n, k) = self.size;
        let (x, weight) = (rows(self.x, k.get()), columns(self.weight, k.get()));
        let (y, width) = (self.y, n.get());
        if self.bias.is_empty() {
            gemm_on(
                cpu.threads,
                cpu.simd,
                self.size,
                x,
                weight,
                y,
                width,
                Accumulate::Replace,
                Plain,
                self.workspace,
            );
        } else {
            gemm_on(
                cpu.threads,
                cpu.simd,
                self.size,
                x,
                weight,
                y,
                width,
                Accumulate::Replace,
                Bias(self.bias),
                self.workspace,
            );
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

impl<M: Extent, N: Extent, K: Extent, T: Float> DenseInputGradient<'_, M, N, K, T> {
    /// Has the device carry it out.
    #[inline(always)]
    pub fn run_on<D: Device>(self, device: &mut D) {
        if const { D::CALLS && !is_inlined::<M, K, N>() } {
            let DenseInputGradient { size: (m, n, k), dy, weight, dx, workspace } = self;
            let size = (m.get(), n.get(), k.get());
            device.run(DenseInputGradient { size, dy, weight, dx, workspace });
        } else {
            device.run(self);
        }
    }
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
        let (m, n, k) = self.size;
        let (dy, weight) = (rows(self.dy, n.get()), rows(self.weight, k.get()));
        gemm_on(
            cpu.threads,
            cpu.simd,
            (m, k, n),
            dy,
            weight,
            self.dx,
            k.get(),
            Accumulate::Replace,
            Plain,
            self.workspace,
        );
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

impl<M: Extent, N: Extent, K: Extent, T: Float> DenseParameterGradient<'_, M, N, K, T> {
    /// Has the device carry it out.
    #[inline(always)]
    pub fn run_on<D: Device>(self, device: &mut D) {
        if const { D::CALLS && !is_inlined::<N, K, M>() } {
            let DenseParameterGradient { size: (m, n, k), x, dy, weight, bias, accumulate, workspace } = self;
            let size = (m.get(), n.get(), k.get());
            device.run(DenseParameterGradient { size, x, dy, weight, bias, accumulate, workspace });
        } else {
            device.run(self);
        }
    }
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
        let (m, n, k) = self.size;
        let (dy, x) = (columns(self.dy, n.get()), rows(self.x, k.get()));
        gemm_on(
            cpu.threads,
            cpu.simd,
            (n, k, m),
            dy,
            x,
            self.weight,
            k.get(),
            self.accumulate,
            Plain,
            self.workspace,
        );
        if !self.bias.is_empty() {
            let width = n.get();
            column_sums_on(cpu.threads, cpu.simd, (m, n), self.dy, width, self.bias, self.accumulate);
        }
    }
}

/// The workspace of [`DenseForward`], in numbers, for any number of rows.
pub const fn forward_workspace(outputs: usize, inputs: usize) -> usize {
    gemm::row_major_workspace(outputs, inputs)
}

/// The workspace of [`DenseInputGradient`], in numbers, for any number of rows.
pub const fn input_gradient_workspace(outputs: usize, inputs: usize) -> usize {
    gemm::row_major_workspace(inputs, outputs)
}

/// The workspace of [`DenseParameterGradient`], in numbers, for any number of rows.
pub const fn parameter_gradient_workspace(outputs: usize, inputs: usize) -> usize {
    gemm::column_major_workspace(outputs, inputs)
}

/// `y = finish(y)`, for rows of channels side by side.
pub struct FinishRows<'a, T> {
    /// What becomes of the numbers.
    pub finish: Finish<'a, T>,
    /// Channels in a row.
    pub channels: usize,
    /// The numbers.
    pub y: &'a mut [T],
}

impl<T: Float> Kernel<T> for FinishRows<'_, T> {
    const NAME: &'static str = "Finish";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        for numbers in [&*self.y, self.finish.scale, self.finish.shift] {
            see(Operand::Input(numbers));
        }
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        finish_rows(cpu.simd, self.finish, self.channels, self.y);
    }
}
