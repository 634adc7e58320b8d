// A dense layer after a volume: the arithmetic of three axes.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 12, 12, 12])]
pub struct Net {
    conv: Conv3d<1, 8, 3>,
    pool: MaxPool3d<2>,
    flatten: Flatten,
    fc: Linear<512, 3>,
}

fn main() {}
