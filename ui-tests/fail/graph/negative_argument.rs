// A layer with a negative number: rustc's own error alone.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [784])]
pub struct Net {
    fc: Linear<784, -10>,
}

fn main() {}
