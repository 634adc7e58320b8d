// Axes that are no whole numbers; four mistakes.
// errors: 4
use nanotorch::prelude::*;

#[model(input = [2.5, "8", -1, 4u8])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
