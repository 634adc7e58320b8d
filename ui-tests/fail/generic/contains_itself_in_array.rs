// An array of itself.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Net {
    fc: Linear<2, 2>,
    nets: [Net; 2],
}

fn main() {}
