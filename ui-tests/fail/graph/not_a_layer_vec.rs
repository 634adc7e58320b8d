// A vector of layers is no layer.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    layers: Vec<Linear<4, 4>>,
}

fn main() {}
