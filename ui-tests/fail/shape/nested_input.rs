// A model with a declared input that is given another.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Inner {
    fc: Linear<8, 2>,
}

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 7>,
    inner: Inner,
}

fn main() {}
