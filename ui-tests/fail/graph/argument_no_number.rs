// A layer with a number with a point: rustc's own error alone.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [784])]
pub struct Net {
    fc: Linear<784, 10.0>,
}

fn main() {}
