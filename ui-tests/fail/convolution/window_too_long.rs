// The window has no place on a signal.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [2, 16])]
pub struct Net {
    conv1: Conv1d<2, 4, 5, Stride<2>>,
    relu: Relu,
    conv2: Conv1d<4, 4, 9, Padding<1>>,
}

fn main() {}
