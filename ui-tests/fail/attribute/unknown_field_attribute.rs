// Other attributes are rustc's to judge.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net {
    #[forzen]
    fc: Linear<8, 2>,
}

fn main() {}
