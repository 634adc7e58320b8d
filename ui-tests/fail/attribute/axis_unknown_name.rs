// A constant that is not there: rustc's own error alone.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [WIDTH])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
