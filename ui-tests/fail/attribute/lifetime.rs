// A model borrows nothing.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net<'a> {
    fc: Linear<8, 2>,
}

fn main() {}
