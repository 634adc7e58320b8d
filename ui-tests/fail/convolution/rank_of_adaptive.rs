// An adaptive pool over two axes takes three.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [64, 4])]
pub struct Net {
    pool: AdaptiveAvgPool2d<2>,
}

fn main() {}
