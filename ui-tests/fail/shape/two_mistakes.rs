// Two mistakes are two errors.
// errors: 2
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc1: Linear<5, 8>,
    relu: Relu,
    fc2: Linear<9, 2>,
}

fn main() {}
