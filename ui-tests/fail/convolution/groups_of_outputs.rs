// Output channels that groups can't share.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 3>,
    grouped: Conv2d<8, 10, 3, Groups<4, 2>>,
}

fn main() {}
