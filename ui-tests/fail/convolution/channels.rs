// A convolution takes another number of channels than it is given.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv1: Conv2d<1, 8, 5>,
    relu: Relu,
    conv2: Conv2d<6, 16, 5>,
}

fn main() {}
