// A list in the wrong brackets.
// errors: 1
use nanotorch::prelude::*;

#[model(input = (1, 28, 28))]
pub struct Net {
    fc: Linear<28, 2>,
}

fn main() {}
