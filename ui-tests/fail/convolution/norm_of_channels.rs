// A normalisation of another number of channels than it is given.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 5>,
    norm: BatchNorm<16>,
}

fn main() {}
