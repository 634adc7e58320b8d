// A union is no model.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub union Net {
    first: f32,
}

fn main() {}
