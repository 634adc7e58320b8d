// A box of itself.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Net {
    fc: Linear<2, 2>,
    net: Box<Net>,
}

fn main() {}
