// `Same` keeps lengths, a stride doesn't.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 28, 28])]
pub struct Net {
    conv: Conv2d<1, 8, 5, (Same, Stride<2>)>,
}

fn main() {}
