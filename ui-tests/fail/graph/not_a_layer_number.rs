// An array of numbers is no layer.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 16>,
    scale: [f32; 3],
    fc2: Linear<16, 2>,
}

fn main() {}
