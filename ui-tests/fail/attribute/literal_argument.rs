// A value without its name.
// errors: 1
use nanotorch::prelude::*;

#[model([4])]
pub struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
