// A batch of no samples.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], batch = 0)]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
