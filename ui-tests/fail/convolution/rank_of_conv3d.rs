// A convolution over three axes takes four.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [3, 16, 16])]
pub struct Net {
    conv: Conv3d<3, 8, 3>,
}

fn main() {}
