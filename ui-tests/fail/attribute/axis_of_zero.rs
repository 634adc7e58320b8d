// An axis of no length.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [3, 0, 8])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
