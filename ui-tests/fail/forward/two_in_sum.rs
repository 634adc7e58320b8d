// Two outputs in a sum.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Pair {
    a: Linear<4, 2>,
    b: Linear<4, 2>,
}

#[forward]
impl Pair {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        (self.a.forward(x), self.b.forward(x))
    }
}

#[model(input = [4], forward)]
pub struct Net {
    pair: Pair,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.pair.forward(x) + 1.0
    }
}

fn main() {
    let _ = Net::new(1);
}
