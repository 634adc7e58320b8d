// A model is to be shown for a shape that it doesn't take.
// errors: 1
use nanotorch::prelude::*;

#[model(explain(Block<5>, [4]))]
pub struct Block<const D: usize> {
    fc: Linear<D, D>,
    relu: Relu,
}

fn main() {}
