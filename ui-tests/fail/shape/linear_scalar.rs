// A dense layer on a scalar.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [])]
pub struct Net {
    fc: Linear<1, 10>,
}

fn main() {}
