// More numbers at the end than a window moves by.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8, 7, 7])]
pub struct Net {
    up: ConvTranspose2d<8, 4, 3, (Stride<2>, OutputPadding<2>)>,
}

fn main() {}
