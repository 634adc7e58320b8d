// A type parameter without a use.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<A: Module> {
    fc: Linear<4, 4>,
}

#[model(input = [4])]
pub struct Net {
    block: Block<Relu>,
}

fn main() {}
