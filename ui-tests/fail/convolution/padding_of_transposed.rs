// Padding takes away all that a transposed convolution makes.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    up: ConvTranspose2d<1, 8, 3, Padding<20>>,
}

fn main() {}
