//! Channels scaled, and normalised over the samples of a batch.

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::batch_normalize;
use crate::simd::Simd;

/// `y(c) = factor(c) x(c)`, channel by channel; in place where `x` is none.
pub struct ScaleChannels<'a, T> {
    /// One factor a channel.
    pub factors: &'a [T],
    /// What is multiplied; none if that is `y`.
    pub x: Option<&'a [T]>,
    /// The products.
    pub y: &'a mut [T],
}

impl<T: Float> Kernel<T> for ScaleChannels<'_, T> {
    const NAME: &'static str = "Mul";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x.unwrap_or(self.y)));
        see(Operand::Input(self.factors));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<'_, S>) {
        let ScaleChannels { factors, x, y } = self;
        if let Some(x) = x {
            y.copy_from_slice(x);
        }
        let length = y.len() / factors.len().max(1);
        for (y, &factor) in y.chunks_exact_mut(length.max(1)).zip(factors) {
            y.iter_mut().for_each(|y| *y *= factor);
        }
    }
}

/// Mean, one over the deviation, and variance of each channel of a batch.
pub struct BatchStatistics<'a, T> {
    /// Numbers of one channel of a sample.
    pub places: usize,
    /// What is added to the variance.
    pub epsilon: f64,
    /// The batch.
    pub x: &'a [T],
    /// The mean of each channel.
    pub mean: &'a mut [T],
    /// One over the deviation of each channel.
    pub scale: &'a mut [T],
    /// The variance of each channel, with one taken off the count.
    pub variance: &'a mut [T],
}

impl<T: Float> Kernel<T> for BatchStatistics<'_, T> {
    const NAME: &'static str = "BatchStatistics";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        for numbers in [&*self.mean, self.scale, self.variance] {
            see(Operand::Output(numbers));
        }
        see(Operand::Attribute("epsilon", self.epsilon));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let BatchStatistics { places, epsilon, x, mean, scale, variance } = self;
        batch_normalize::statistics(cpu.simd, cpu.threads, places, epsilon, x, [mean, scale, variance]);
    }
}

/// `scale(c) = 1 / √(variance(c) + ε)`.
pub struct ScaleOfVariance<'a, T> {
    /// What is added to the variance.
    pub epsilon: f64,
    /// The variance of each channel.
    pub variance: &'a [T],
    /// One over the deviation of each channel.
    pub scale: &'a mut [T],
}

impl<T: Float> Kernel<T> for ScaleOfVariance<'_, T> {
    const NAME: &'static str = "Rsqrt";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.variance));
        see(Operand::Output(self.scale));
        see(Operand::Attribute("epsilon", self.epsilon));
    }
    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<'_, S>) {
        for (scale, &variance) in self.scale.iter_mut().zip(self.variance) {
            *scale = T::ONE / (variance + T::from_f64(self.epsilon)).sqrt();
        }
    }
}

/// `y = w(c) (x - mean(c)) scale(c) + b(c)`.
pub struct BatchNormalization<'a, T> {
    /// Numbers of one channel of a sample.
    pub places: usize,
    /// The mean of each channel.
    pub mean: &'a [T],
    /// One over the deviation of each channel.
    pub scale: &'a [T],
    /// The weights; may be empty for none.
    pub weight: &'a [T],
    /// The bias; may be empty for none.
    pub bias: &'a [T],
    /// The input; none if that is `y`.
    pub x: Option<&'a [T]>,
    /// The output.
    pub y: &'a mut [T],
}

impl<T: Float> Kernel<T> for BatchNormalization<'_, T> {
    const NAME: &'static str = "BatchNormalization";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        for numbers in [self.x.unwrap_or(self.y), self.weight, self.bias, self.mean, self.scale] {
            if !numbers.is_empty() {
                see(Operand::Input(numbers));
            }
        }
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let BatchNormalization { places, mean, scale, weight, bias, x, y } = self;
        batch_normalize::forward(cpu.simd, cpu.threads, places, mean, scale, weight, bias, x, y);
    }
}

/// The gradients by input, weight and bias of a [`BatchNormalization`] with statistics of the same batch.
pub struct BatchNormalizationBackward<'a, T> {
    /// Numbers of one channel of a sample.
    pub places: usize,
    /// The mean of each channel.
    pub mean: &'a [T],
    /// One over the deviation of each channel.
    pub scale: &'a [T],
    /// The weights; may be empty for none.
    pub weight: &'a [T],
    /// The input.
    pub x: &'a [T],
    /// The gradient by the output.
    pub dy: &'a [T],
    /// Two numbers a channel, to work with.
    pub sums: &'a mut [T],
    /// The gradient by the weights; may be empty.
    pub dweight: &'a mut [T],
    /// The gradient by the bias; may be empty.
    pub dbias: &'a mut [T],
    /// Whether the gradients by weight and bias replace what is there.
    pub accumulate: Accumulate,
    /// The gradient by the input, if anyone wants it.
    pub dx: Option<&'a mut [T]>,
}

impl<T: Float> Kernel<T> for BatchNormalizationBackward<'_, T> {
    const NAME: &'static str = "Gradient";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        for numbers in [self.x, self.weight, self.mean, self.scale, self.dy] {
            see(Operand::Input(numbers));
        }
        for numbers in [self.dx.as_deref().unwrap_or(&[]), self.dweight, self.dbias] {
            see(Operand::Output(numbers));
        }
    }
    #[inline(always)]
    fn run<S: Simd>(self, cpu: Cpu<'_, S>) {
        let Self { places, mean, scale, weight, x, dy, sums, dweight, dbias, accumulate, dx } = self;
        let (sums, products) = sums.split_at_mut(mean.len());
        let products = &mut products[..mean.len()];
        let targets = [&mut *sums, &mut *products];
        batch_normalize::backward(cpu.simd, cpu.threads, places, mean, scale, weight, x, dy, targets, dx);
        for (target, source) in [(dweight, products), (dbias, sums)] {
            for (target, &source) in target.iter_mut().zip(&*source) {
                accumulate.store(target, source);
            }
        }
    }
}
