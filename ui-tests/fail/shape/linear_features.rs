// A dense layer takes another number of features than it is given.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [784])]
pub struct Net {
    fc1: Linear<784, 128>,
    relu: Relu,
    fc2: Linear<120, 10>,
}

fn main() {}
