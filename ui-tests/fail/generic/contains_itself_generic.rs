// A generic model that contains itself.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Net<const D: usize> {
    fc: Linear<D, D>,
    net: Net<D>,
}

fn main() {}
