// A generic model that is wrong for each argument.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net<const H: usize> {
    fc1: Linear<5, H>,
    fc2: Linear<H, 2>,
}

pub const BYTES: usize = Net::<9>::TRAIN_BYTES;

fn main() {}
