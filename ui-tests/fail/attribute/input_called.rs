// An argument without its equals sign.
// errors: 1
use nanotorch::prelude::*;

#[model(input(28))]
pub struct Net {
    fc: Linear<28, 2>,
}

fn main() {}
