// A convolution over two axes takes three.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [784])]
pub struct Net {
    conv: Conv2d<1, 8, 5>,
}

fn main() {}
