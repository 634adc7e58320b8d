// The arguments of a generic model exchanged.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: usize, A: Module> {
    fc: Linear<D, D>,
    act: A,
}

#[model(input = [8])]
pub struct Net {
    block: Block<Relu, 8>,
}

fn main() {}
