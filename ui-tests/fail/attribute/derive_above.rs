// A derive above the attribute.
// errors: 1
use nanotorch::prelude::*;

#[derive(Clone)]
#[model(input = [8])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
