// Inputs of which one is no list.
// errors: 1
use nanotorch::prelude::*;

#[model(input = ([8], 8), forward)]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
