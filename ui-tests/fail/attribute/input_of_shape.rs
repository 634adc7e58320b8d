// A shape type as input.
// errors: 1
use nanotorch::prelude::*;

#[model(input = R1<8>)]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
