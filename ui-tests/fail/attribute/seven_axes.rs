// More axes than shapes have.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [1, 2, 3, 4, 5, 6, 7])]
pub struct Net {
    fc: Linear<7, 2>,
}

fn main() {}
