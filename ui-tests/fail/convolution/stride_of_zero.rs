// A window that doesn't move.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 3, Stride<0>>,
}

fn main() {}
