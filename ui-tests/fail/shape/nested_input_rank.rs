// A model with a declared input that is given one more axis.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Inner {
    fc: Linear<8, 2>,
}

#[model(input = [1, 8])]
pub struct Net {
    inner: Inner,
}

fn main() {}
