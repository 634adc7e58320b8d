// A model of two outputs in a row of layers.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Pair {
    a: Linear<8, 2>,
    b: Linear<8, 3>,
}

#[forward]
impl Pair {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        (self.a.forward(x), self.b.forward(x))
    }
}

#[model(input = [8])]
pub struct Net {
    pair: Pair,
    head: Linear<2, 2>,
}

fn main() {}
