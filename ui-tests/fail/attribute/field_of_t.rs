// The type of numbers is filled in, not written.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net {
    fc: Linear<8, 2, Bias, T>,
}

fn main() {}
