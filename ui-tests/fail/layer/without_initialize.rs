// A layer with parameters that does not say how they begin.
// errors: 1
use nanotorch::prelude::*;

use nanotorch::device::Pass;
use nanotorch::model::{Backward, Memory, Needs};

#[layer]
pub struct Scale<const N: usize, T: Float = f32> {
    pub factors: [T; N],
}

impl<I: Shape, const N: usize, T: Float> Layer<I> for Scale<N, T> {
    type Out = I;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;
    fn forward<P: Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        y.copy_from_slice(x);
    }
    fn backward<P: Pass>(
        &self,
        _: &mut P,
        _: Backward<'_, T>,
        _: Option<&mut Self::Gradient>,
        _: Memory<'_, T>,
    ) {
    }
}

#[model(input = [4])]
pub struct Net {
    scale: Scale<4>,
    fc: Linear<4, 2>,
}

fn main() {}
