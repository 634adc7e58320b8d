// A block of two inputs, which it doesn't declare, is called with edges that don't go together.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Mix<const D: usize> {
    gate: Linear<D, D>,
}

#[forward]
impl<const D: usize> Mix<D> {
    fn forward(&self, a: Edge, b: Edge) -> Edge {
        a * self.gate.forward(b).sigmoid()
    }
}

#[model(input = ([4], [6]), forward)]
pub struct Net {
    mix: Mix<6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge, y: Edge) -> Edge {
        self.mix.forward(x, y)
    }
}

fn main() {}
