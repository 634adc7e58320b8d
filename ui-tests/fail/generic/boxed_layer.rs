// A layer in a box.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc: Box<Linear<4, 2>>,
}

fn main() {}
