// Lengths that are constants are told in numbers.
// errors: 1
use nanotorch::prelude::*;

const WIDTH: usize = 8;

#[model(input = [WIDTH])]
pub struct Net {
    fc1: Linear<WIDTH, { WIDTH * 2 }>,
    fc2: Linear<WIDTH, 2>,
}

fn main() {}
