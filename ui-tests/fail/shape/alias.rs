// A field whose type is an alias.
// errors: 1
use nanotorch::prelude::*;

type Wide = Linear<240, 128>;

#[model(input = [256])]
pub struct Net {
    fc: Wide,
}

fn main() {}
