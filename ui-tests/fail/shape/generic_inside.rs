// A mistake between two fields of a nested model names both by their paths.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const A: usize, const B: usize> {
    fc1: Linear<A, B>,
    relu: Relu,
    fc2: Linear<A, B>,
}

#[model(input = [4])]
pub struct Net {
    block: Block<4, 8>,
}

fn main() {}
