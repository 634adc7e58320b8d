// `explain` shows the derived program in the build, and stops it.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], explain)]
pub struct Net {
    hidden: Linear<4, 16>,
    relu: Relu,
    head: Linear<16, 2>,
}

fn main() {}
