// A convolution of each channel by itself, with outputs that the channels do not share.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8, 16, 16])]
pub struct Net {
    conv: Conv2d<8, 12, 3, Depthwise>,
}

fn main() {}
