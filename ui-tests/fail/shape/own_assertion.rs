// An assertion of one's own on what is known about a model.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [784])]
pub struct Net {
    fc1: Linear<784, 128>,
    fc2: Linear<128, 10>,
}

const _: () = assert!(Net::PARAMS <= 100_000, "too large for the device");

fn main() {}
