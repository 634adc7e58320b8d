// A block of two inputs, which it doesn't declare, is called with one edge.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Mix {
    gate: Linear<4, 4>,
}

#[forward]
impl Mix {
    fn forward(&self, a: Edge, b: Edge) -> Edge {
        a * self.gate.forward(b).sigmoid()
    }
}

#[model(input = [4], forward)]
pub struct Net {
    mix: Mix,
    head: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.head.forward(self.mix.forward(x))
    }
}

fn main() {}
