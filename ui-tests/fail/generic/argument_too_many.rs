// A generic model with an argument too many.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: usize> {
    fc: Linear<D, D>,
}

#[model(input = [8])]
pub struct Net {
    block: Block<8, 4, 2>,
}

fn main() {}
