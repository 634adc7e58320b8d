// An argument that is nothing like one.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], optimizer = "adam")]
pub struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
