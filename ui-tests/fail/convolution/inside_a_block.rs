// A generic block of convolutions, two levels deep, on an image that is too small in the end.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Step<const IN: usize, const OUT: usize> {
    conv: Conv2d<IN, OUT, 5>,
    relu: Relu,
    pool: MaxPool2d<2>,
}

#[model]
pub struct Trunk<const C: usize> {
    first: Step<1, C>,
    second: Step<C, C>,
    third: Step<C, C>,
}

#[model(input = [1, 28, 28])]
pub struct Net {
    trunk: Trunk<8>,
    flatten: Flatten,
    head: Linear<8, 10>,
}

fn main() {}
