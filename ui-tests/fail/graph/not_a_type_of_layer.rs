// Types that can be told from a layer at sight.
// errors: 6
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    reference: &'static Relu,
    pair: (Relu, Relu),
    object: dyn Layer<R1<4>>,
    function: fn(f32) -> f32,
    gap: _,
    some: impl Layer<R1<4>>,
}

fn main() {}
