// Three levels deep: an operation of a forward function, in an array, in a generic model.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Block<const A: usize, const B: usize> {
    fc: Linear<A, B>,
}

#[forward]
impl<const A: usize, const B: usize> Block<A, B> {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x)
    }
}

#[model]
pub struct Encoder<const A: usize, const B: usize> {
    blocks: [Block<A, B>; 1],
}

#[model(input = [4])]
pub struct Net {
    encoder: Encoder<4, 8>,
    head: Linear<8, 2>,
}

fn main() {}
