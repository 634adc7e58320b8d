// `batch` without its value.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], batch)]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
