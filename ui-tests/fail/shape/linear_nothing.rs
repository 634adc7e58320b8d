// A layer that gives no numbers is the mistake; what comes after it is not.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8])]
pub struct Net {
    fc1: Linear<8, 0>,
    fc2: Linear<4, 2>,
}

fn main() {}
