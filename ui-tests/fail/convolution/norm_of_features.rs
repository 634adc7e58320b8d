// A normalisation over another number of features.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [32])]
pub struct Net {
    fc: Linear<32, 64>,
    norm: LayerNorm<32>,
}

fn main() {}
