// A misspelt layer: rustc's own error alone.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc1: Liner<4, 16>,
    fc2: Linear<16, 2>,
}

pub fn parameters() -> usize {
    Net::new(1).values().len() + Net::PARAMS
}

fn main() {}
