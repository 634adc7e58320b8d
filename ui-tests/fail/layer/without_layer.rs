// A layer whose `impl Layer` is missing.
// errors: 1
use nanotorch::prelude::*;

#[layer]
pub struct Scale<const N: usize, T: Float = f32> {
    pub factors: [T; N],
}

impl<const N: usize, T: Float> Initialize for Scale<N, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.values_mut().fill(T::ONE);
    }
}

#[model(input = [4])]
pub struct Net {
    scale: Scale<4>,
    fc: Linear<4, 2>,
}

fn main() {}
