// More parts than there are numbers.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 5>,
    pool: AdaptiveAvgPool2d<30>,
}

fn main() {}
