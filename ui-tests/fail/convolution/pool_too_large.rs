// A pool larger than the image.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 5>,
    pool: AvgPool2d<25>,
}

fn main() {}
