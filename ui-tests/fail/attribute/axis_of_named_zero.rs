// An axis of no length, which only the compiler sees.
// errors: 1
use nanotorch::prelude::*;

const NOTHING: usize = 0;

#[model(input = [3, NOTHING])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
