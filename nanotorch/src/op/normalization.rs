//! Normalisation with the operands of a layer.

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::normalize::{self, Normalization};
use crate::simd::Simd;

/// `y = w (x - mean) / √(variance + ε) + b`, group by group.
pub struct NormalizationForward<'a, T> {
    /// ONNX's name for it.
    pub name: &'static str,
    /// What is normalised together.
    pub size: Normalization,
    /// The input.
    pub x: &'a [T],
    /// The weights; may be empty for none.
    pub weight: &'a [T],
    /// The bias; may be empty for none.
    pub bias: &'a [T],
    /// The output.
    pub y: &'a mut [T],
    /// Mean, and one over the deviation, of each group.
    pub kept: &'a mut [T],
}

impl<T: Float> Kernel<T> for NormalizationForward<'_, T> {
    const NAME: &'static str = "Normalization";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        for numbers in [self.weight, self.bias] {
            if !numbers.is_empty() {
                see(Operand::Input(numbers));
            }
        }
        see(Operand::Output(self.y));
        see(Operand::Attribute("length", self.size.length as f64));
        see(Operand::Attribute("centred", f64::from(u8::from(self.size.centred))));
        see(Operand::Attribute("epsilon", self.size.epsilon));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let NormalizationForward { size, x, weight, bias, y, kept, .. } = self;
        normalize::forward(cpu.simd, cpu.threads, &size, x, weight, bias, y, kept);
    }
}

/// The gradients by input, weight and bias of a normalisation.
pub struct NormalizationBackward<'a, T> {
    /// What is normalised together.
    pub size: Normalization,
    /// The input.
    pub x: &'a [T],
    /// The weights; may be empty for none.
    pub weight: &'a [T],
    /// What forward has kept.
    pub kept: &'a [T],
    /// The gradient by the output.
    pub dy: &'a [T],
    /// The gradient by the input, if anyone wants it.
    pub dx: Option<&'a mut [T]>,
    /// The gradient by the weights; may be empty.
    pub dweight: &'a mut [T],
    /// The gradient by the bias; may be empty.
    pub dbias: &'a mut [T],
    /// Whether the gradients by weight and bias replace what is there.
    pub accumulate: Accumulate,
}

impl<T: Float> Kernel<T> for NormalizationBackward<'_, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        for numbers in [self.x, self.weight, self.kept, self.dy] {
            see(Operand::Input(numbers));
        }
        for numbers in [self.dx.as_deref().unwrap_or(&[]), self.dweight, self.dbias] {
            see(Operand::Output(numbers));
        }
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let NormalizationBackward { size, x, weight, kept, dy, dx, dweight, dbias, accumulate } = self;
        if accumulate == Accumulate::Replace {
            dweight.fill(T::ZERO);
            dbias.fill(T::ZERO);
        }
        normalize::backward(cpu.simd, cpu.threads, &size, x, weight, kept, dy, dx, dweight, dbias);
    }
}
