//! Several arrays as one, part behind part along an axis, and back.

use crate::device::{Cpu, Kernel, Operand};
use crate::element::Float;
use crate::simd::Simd;

/// `y[block] = parts[0][block], parts[1][block], ..`: each part has a stretch of every block of the result.
pub struct Concat<'a, 'b, T> {
    /// The parts.
    pub parts: &'a [&'b [T]],
    /// The length of each part's stretch of a block.
    pub lengths: &'a [usize],
    /// The result.
    pub y: &'a mut [T],
}

impl<T: Float> Kernel<T> for Concat<'_, '_, T> {
    const NAME: &'static str = "Concat";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        for part in self.parts {
            see(Operand::Input(part));
        }
        see(Operand::Output(self.y));
    }
    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<'_, S>) {
        let whole: usize = self.lengths.iter().sum();
        let mut start = 0;
        for (part, &length) in self.parts.iter().zip(self.lengths) {
            for (block, part) in part.chunks_exact(length.max(1)).enumerate() {
                self.y[block * whole + start..][..length].copy_from_slice(part);
            }
            start += length;
        }
    }
}

/// The other way: each part takes its stretch of every block. A part that is empty is not wanted.
pub struct Split<'a, 'b, T> {
    /// What is split.
    pub x: &'a [T],
    /// The length of each part's stretch of a block.
    pub lengths: &'a [usize],
    /// The parts.
    pub parts: &'a mut [&'b mut [T]],
}

impl<T: Float> Kernel<T> for Split<'_, '_, T> {
    const NAME: &'static str = "Split";
    fn operands(&self, see: &mut dyn FnMut(Operand<'_, T>)) {
        see(Operand::Input(self.x));
        for part in &*self.parts {
            see(Operand::Output(part));
        }
    }
    #[inline(always)]
    fn run<S: Simd>(self, _: Cpu<'_, S>) {
        let whole: usize = self.lengths.iter().sum();
        let mut start = 0;
        for (part, &length) in self.parts.iter_mut().zip(self.lengths) {
            for (block, part) in part.chunks_exact_mut(length.max(1)).enumerate() {
                part.copy_from_slice(&self.x[block * whole + start..][..length]);
            }
            start += length;
        }
    }
}
