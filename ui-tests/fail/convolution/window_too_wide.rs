// The window fits the height, but not the width.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 32, 6])]
pub struct Net {
    conv1: Conv2d<1, 4, 3>,
    relu: Relu,
    conv2: Conv2d<4, 4, 5>,
}

fn main() {}
