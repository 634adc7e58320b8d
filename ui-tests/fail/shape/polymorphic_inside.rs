// A model without an input is checked where it is used; the fix is in its own field.
// errors: 1
use nanotorch::prelude::*;

#[model]
pub struct Head {
    relu: Relu,
    fc: Linear<8, 2>,
}

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 7>,
    head: Head,
}

fn main() {}
