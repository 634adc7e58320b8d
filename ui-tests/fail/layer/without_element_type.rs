// A layer without the type of its numbers.
// errors: 1
use nanotorch::prelude::*;

use nanotorch::device::Pass;
use nanotorch::model::{Backward, Memory, Needs};

#[layer]
pub struct Scale<const N: usize> {
    pub factors: [f32; N],
}

impl<const N: usize> Initialize for Scale<N> {
    fn initialize(&mut self, _: &mut Random) {
        self.values_mut().fill(1.0);
    }
}

impl<I: Shape, const N: usize> Layer<I> for Scale<N> {
    type Out = I;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;
    fn forward<P: Pass>(&self, _: &mut P, x: &[f32], y: &mut [f32], _: Memory<'_, f32>) {
        y.copy_from_slice(x);
    }
    fn backward<P: Pass>(
        &self,
        _: &mut P,
        _: Backward<'_, f32>,
        _: Option<&mut Self::Gradient>,
        _: Memory<'_, f32>,
    ) {
    }
}

#[model(input = [4])]
pub struct Net {
    scale: Scale<4>,
    fc: Linear<4, 2>,
}

fn main() {}
