// Two fields that are no layers.
// errors: 2
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 16>,
    name: String,
    scale: f32,
}

fn main() {}
