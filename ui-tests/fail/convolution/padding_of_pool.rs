// A pool that sees nothing but padding.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    pool: MaxPool2d<2, Padding<2>>,
}

fn main() {}
