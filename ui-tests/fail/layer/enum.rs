// An enum is no layer.
// errors: 1
use nanotorch::prelude::*;

#[layer]
pub enum Scale<T: Float = f32> {
    Factor(T),
}

fn main() {}
