// The window has no place on a volume.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 4, 16, 16])]
pub struct Net {
    conv: Conv3d<1, 4, 5>,
}

fn main() {}
