// An argument that is given twice.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], batch = 2, input = [5])]
pub struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
