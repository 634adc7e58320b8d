// A reshape to another number of elements.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [12])]
pub struct Net {
    square: Reshape<R2<3, 5>>,
}

fn main() {}
