// Channels that no square of places can take.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [6, 8, 8])]
pub struct Net {
    conv: Conv2d<6, 10, 3, Same>,
    shuffle: PixelShuffle<2>,
}

fn main() {}
