// A field that is no layer, of a generic parameter.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<A: Module> {
    acts: Vec<A>,
}

#[model(input = [4])]
pub struct Net {
    block: Block<Relu>,
    fc: Linear<4, 2>,
}

fn main() {}
