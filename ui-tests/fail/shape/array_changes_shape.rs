// An array repeats a layer, which must keep the shape.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    blocks: [Linear<4, 8>; 3],
}

fn main() {}
