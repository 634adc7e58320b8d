// A type parameter whose bound is no layer.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<A: Clone> {
    fc: Linear<4, 4>,
    act: A,
}

#[model(input = [4])]
pub struct Net {
    block: Block<u8>,
}

fn main() {}
