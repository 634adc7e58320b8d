// Arithmetic with a generic parameter, which stable Rust has not: rustc's own error alone.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<const D: usize> {
    fc: Linear<D, { D * 2 }>,
}

fn main() {}
