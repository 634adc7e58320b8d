// A dropout of everything.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [12])]
pub struct Net {
    fc: Linear<12, 4>,
    dropout: Dropout<100>,
    head: Linear<4, 2>,
}

fn main() {}
