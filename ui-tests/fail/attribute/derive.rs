// A derive below the attribute.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
#[derive(Clone, Debug)]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
