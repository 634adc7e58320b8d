// A dropout of all channels.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8, 7, 7])]
pub struct Net {
    dropout: Dropout2d<100>,
}

fn main() {}
