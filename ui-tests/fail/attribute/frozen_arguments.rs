// `#[frozen]` takes no arguments.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net {
    #[frozen(true)]
    fc: Linear<8, 2>,
}

fn main() {}
