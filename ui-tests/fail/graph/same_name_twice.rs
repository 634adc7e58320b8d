// Two fields of one name: rustc's own error alone.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [784])]
pub struct Net {
    fc: Linear<784, 10>,
    fc: Linear<10, 10>,
}

fn main() {}
