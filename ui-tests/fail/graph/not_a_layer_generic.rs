// A field that is no layer, in a generic model.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: usize> {
    name: String,
    fc: Linear<D, D>,
}

#[model(input = [4])]
pub struct Net {
    block: Block<4>,
    fc: Linear<4, 2>,
}

fn main() {}
