// A generic model with a parameter that does not fit; the fix is at its own type.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: usize, A: Module> {
    fc: Linear<D, D>,
    act: A,
}

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 7>,
    block: Block<8, Relu>,
    head: Linear<8, 2>,
}

fn main() {}
