// A layer of one's own, alone and in a model; its struct may derive what it likes.
#![deny(warnings)]
use nanotorch::device::Pass;
use nanotorch::model::{Backward, Memory, Needs};
use nanotorch::prelude::*;

/// `y = a x`
#[layer]
#[derive(Clone, Debug, PartialEq)]
struct Scale<const N: usize, T: Float = f32> {
    factors: [T; N],
    spare: [[T; 2]; N],
}

impl<const N: usize, T: Float> Initialize for Scale<N, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.values_mut().fill(T::ONE);
    }
}

impl<I: Shape, const N: usize, T: Float> Layer<I> for Scale<N, T> {
    type Out = I;
    const FLOPS: usize = I::LEN;
    const NEEDS: Needs = Needs { input: true, ..Needs::NOTHING };

    fn forward<P: Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        y.copy_from_slice(x);
    }

    fn backward<P: Pass>(&self, _: &mut P, _: Backward<'_, T>, _: Option<&mut Self>, _: Memory<'_, T>) {}
}

#[model(input = [4])]
struct Net {
    scale: Scale<4>,
    scales: [Scale<4>; 2],
    fc: Linear<4, 2>,
}

fn main() {
    let net = Net::new(1);
    assert_eq!(Net::PARAMS, 3 * 12 + 10);
    assert_eq!(net.scales[0].clone(), net.scale);
}
