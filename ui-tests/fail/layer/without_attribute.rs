// A struct of numbers without `#[layer]`.
// errors: 1
use nanotorch::prelude::*;


pub struct Scale<const N: usize, T: Float = f32> {
    pub factors: [T; N],
}

#[model(input = [4])]
pub struct Net {
    scale: Scale<4>,
    fc: Linear<4, 2>,
}

fn main() {}
