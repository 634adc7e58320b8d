// `#[forward]` on the struct.
// errors: 1
use nanotorch::prelude::*;

#[forward]
pub struct Net {
    fc: Linear<4, 2>,
}

fn main() {}
