// The fix keeps the layer without its bias.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [784])]
pub struct Net {
    fc1: Linear<784, 128, NoBias>,
    fc2: Linear<120, 10, NoBias>,
}

fn main() {}
