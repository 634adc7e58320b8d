// The message shows the arithmetic behind the length.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [16, 4, 4])]
pub struct Net {
    flatten: Flatten,
    fc: Linear<240, 128>,
}

fn main() {}
