// Numbers that lie no step apart.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 8, 8])]
pub struct Net {
    conv: Conv2d<1, 4, 3, Dilation<0>>,
}

fn main() {}
