// `forward` misspelt.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], foward)]
pub struct Net {
    fc: Linear<8, 2>,
}

fn main() {}
