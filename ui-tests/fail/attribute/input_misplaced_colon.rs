// A colon instead of an equals sign.
// errors: 1
use nanotorch::prelude::*;

#[model(input: [8])]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
