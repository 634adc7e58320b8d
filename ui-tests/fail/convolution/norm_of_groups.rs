// Channels that can't be grouped so.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 5>,
    norm: GroupNorm<3, 8>,
}

fn main() {}
