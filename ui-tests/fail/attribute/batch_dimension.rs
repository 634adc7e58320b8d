// The batch as an axis that is free.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [_, 8])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
