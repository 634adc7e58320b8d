// A type parameter that is a layer says so.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: usize, A> {
    fc: Linear<D, D>,
    act: A,
}

#[model(input = [8])]
pub struct Net {
    block: Block<8, Relu>,
}

fn main() {}
