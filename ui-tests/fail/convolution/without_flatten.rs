// An axis of features is taken for one of pixels.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 5>,
    fc: Linear<4608, 10>,
}

fn main() {}
