// A length that is no `usize`.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: u32> {
    fc: Linear<D, 4>,
}

fn main() {}
