// The first field of a first field is fed by who feeds the outermost.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Inner<const D: usize> {
    fc: Linear<D, D>,
}

#[model]
pub struct Middle<const D: usize> {
    blocks: [Inner<D>; 2],
}

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 7>,
    middle: Middle<8>,
}

fn main() {}
