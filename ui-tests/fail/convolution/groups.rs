// Groups that don't share out the channels.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 3>,
    grouped: Conv2d<8, 8, 3, Groups<4, 4>>,
}

fn main() {}
