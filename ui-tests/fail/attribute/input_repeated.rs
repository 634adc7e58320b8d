// A list written as a repetition.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8; 3])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
