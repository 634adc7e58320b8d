// errors: 1
// The README's model with the README's mistake.
use nanotorch::prelude::*;

#[model(input = [8, 8])]
pub struct Net {
    flatten: Flatten,
    fc1: Linear<64, 256>,
    relu: Relu,
    dropout: Dropout<30>,
    fc2: Linear<128, 10>,
}

fn main() {}
