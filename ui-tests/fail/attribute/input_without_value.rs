// An argument whose value is missing.
// errors: 1
use nanotorch::prelude::*;

#[model(input = )]
pub struct Net {
    fc: Linear<28, 2>,
}

fn main() {}
