// A global pool takes at least one axis beside the channels.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [64])]
pub struct Net {
    pool: GlobalAvgPool,
    fc: Linear<64, 10>,
}

fn main() {}
