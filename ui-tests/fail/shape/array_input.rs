// An array of models whose input does not fit.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: usize> {
    fc: Linear<D, D>,
}

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 7>,
    blocks: [Block<8>; 3],
}

fn main() {}
