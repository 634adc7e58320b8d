//! Linear maps that take each output number from a few input numbers: resampling, shuffling, padding.

use core::marker::PhantomData;

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::simd::Simd;

/// A linear map of one sample, as a list of its entries.
pub trait LinearMap: Copy + Send + Sync + 'static {
    /// ONNX's name for it.
    const NAME: &'static str;
    /// Numbers of a sample of the input.
    const INPUTS: usize;
    /// Numbers of a sample of the output.
    const OUTPUTS: usize;
    /// Calls `entry` with the places of an input and an output, and the factor between them; what isn't named is 0.
    fn for_each(entry: impl FnMut(usize, usize, f64));
}

/// `y = A x`, sample by sample, or its backward `dx = Aᵀ dy`: `x` and `y` are the gradients by output and input then.
pub struct MapLinearly<'a, M, T> {
    map: PhantomData<M>,
    backward: bool,
    x: &'a [T],
    y: &'a mut [T],
}

impl<'a, M: LinearMap, T> MapLinearly<'a, M, T> {
    /// `y = A x`.
    pub fn forward(x: &'a [T], y: &'a mut [T]) -> Self {
        MapLinearly { map: PhantomData, backward: false, x, y }
    }

    /// `dx = Aᵀ dy`.
    pub fn backward(dy: &'a [T], dx: &'a mut [T]) -> Self {
        MapLinearly { map: PhantomData, backward: true, x: dy, y: dx }
    }
}

impl<M: LinearMap, T: Float> Kernel<T> for MapLinearly<'_, M, T> {
    const NAME: &'static str = M::NAME;
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<'_, S>) {
        let MapLinearly { backward, x, y, .. } = self;
        let (from, to) = if backward { (M::OUTPUTS, M::INPUTS) } else { (M::INPUTS, M::OUTPUTS) };
        y.fill(T::ZERO);
        for (x, y) in x.chunks_exact(from).zip(y.chunks_exact_mut(to)) {
            M::for_each(|input, output, factor| {
                let (from, to) = if backward { (output, input) } else { (input, output) };
                y[to] += T::from_f64(factor) * x[from];
            });
        }
    }
}
