// A dense layer works on the last axis; here a `Flatten` is missing.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [3, 8, 8])]
pub struct Net {
    fc: Linear<192, 10>,
}

fn main() {}
