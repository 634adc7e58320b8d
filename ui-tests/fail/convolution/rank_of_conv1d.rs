// A convolution over one axis takes two.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv1d<1, 8, 5>,
}

fn main() {}
