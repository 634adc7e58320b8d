// A mistake in a complete model is reported there, not again by those who contain it.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Inner {
    fc: Linear<9, 2>,
}

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 8>,
    inner: Inner,
    head: Linear<2, 2>,
}

fn main() {}
