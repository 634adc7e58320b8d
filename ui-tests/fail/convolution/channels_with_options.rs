// What is to be written has options, too.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [3, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 3, (Stride<2>, Padding<1>)>,
}

fn main() {}
