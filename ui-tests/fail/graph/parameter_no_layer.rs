// A type parameter with another bound.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Block<A: Clone + 'static> {
    act: A,
}

fn main() {}
