// A field that is no layer.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc1: Linear<4, 16>,
    name: String,
    fc2: Linear<16, 2>,
}

pub fn parameters() -> usize {
    Net::new(1).values().len() + Net::PARAMS + Net::TRAIN_BYTES
}

fn main() {}
