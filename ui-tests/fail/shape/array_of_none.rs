// An array of no layers.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 8>,
    blocks: [Linear<8, 8>; 0],
    head: Linear<8, 2>,
}

fn main() {}
