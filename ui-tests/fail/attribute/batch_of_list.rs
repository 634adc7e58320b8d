// `batch` of a list.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], batch = [64])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
