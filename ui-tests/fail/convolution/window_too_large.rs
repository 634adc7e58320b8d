// The window has no place on the image.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv1: Conv2d<1, 8, 31>,
    relu: Relu,
}

fn main() {}
