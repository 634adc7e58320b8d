// A model that contains itself.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Net {
    fc: Linear<2, 3>,
    net: Net,
}

fn main() {}
