// One length without its brackets.
// errors: 1
use nanotorch::prelude::*;

#[model(input = 784)]
pub struct Net {
    fc: Linear<784, 2>,
}

fn main() {}
