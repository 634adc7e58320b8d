// `#[frozen]` stands once.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net {
    #[frozen]
    #[frozen]
    fc: Linear<8, 2>,
}

fn main() {}
