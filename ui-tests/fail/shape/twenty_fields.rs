// Of twenty fields only the wrong one is named.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [32])]
pub struct Net {
    fc1: Linear<32, 32>,
    relu1: Relu,
    fc2: Linear<32, 32>,
    relu2: Relu,
    fc3: Linear<32, 32>,
    relu3: Relu,
    fc4: Linear<32, 32>,
    relu4: Relu,
    fc5: Linear<32, 32>,
    relu5: Relu,
    fc6: Linear<32, 32>,
    relu6: Relu,
    fc7: Linear<33, 32>,
    relu7: Relu,
    fc8: Linear<32, 32>,
    relu8: Relu,
    fc9: Linear<32, 32>,
    relu9: Relu,
    fc10: Linear<32, 32>,
    head: Linear<32, 10>,
}

fn main() {}
