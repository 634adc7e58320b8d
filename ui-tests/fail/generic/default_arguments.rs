// A generic model whose default arguments don't fit: nothing has to use it.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net<const H: usize = 16> {
    fc1: Linear<4, 8>,
    relu: Relu,
    fc2: Linear<H, 2>,
}

fn main() {}
