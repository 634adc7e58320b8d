// The first field is fed by the input.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc: Linear<5, 2>,
}

fn main() {}
