// An upsampling takes images.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [64])]
pub struct Net {
    up: Upsample<2>,
}

fn main() {}
