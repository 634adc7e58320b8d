// A pool that does not move.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 8, 8])]
pub struct Net {
    pool: MaxPool2d<2, Stride<0>>,
}

fn main() {}
