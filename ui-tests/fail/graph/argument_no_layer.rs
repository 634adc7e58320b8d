// A generic model of something that is no layer.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<A: Module> {
    act: A,
}

#[model(input = [4])]
pub struct Net {
    block: Block<String>,
}

fn main() {}
