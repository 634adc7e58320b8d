// A dense layer takes another number of features than the last window leaves.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 5>,
    pool: MaxPool2d<2>,
    flatten: Flatten,
    fc: Linear<1000, 10>,
}

fn main() {}
