// The window has no place on what a pool leaves of the image; what comes later is not asked.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv1: Conv2d<1, 8, 5>,
    pool1: MaxPool2d<4>,
    conv2: Conv2d<8, 16, 3, Dilation<3>>,
    flatten: Flatten,
    fc: Linear<100, 10>,
}

fn main() {}
