// Mistakes in the attribute, on the struct and in a field, all at once.
// errors: 3
use nanotorch::prelude::*;

#[model(input = [8], bach = 4)]
#[derive(Clone)]
pub struct Net {
    fc: Linear<8, 2>,
    pair: (Relu, Relu),
}

fn main() {}
