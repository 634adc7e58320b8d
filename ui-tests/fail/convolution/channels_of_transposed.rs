// A transposed convolution takes another number of channels.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [16, 7, 7])]
pub struct Net {
    up: ConvTranspose2d<8, 4, 4, (Stride<2>, Padding<1>)>,
}

fn main() {}
