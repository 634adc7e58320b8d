// What is no option of a window.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 3, Relu>,
}

fn main() {}
