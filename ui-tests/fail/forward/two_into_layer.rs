// Two outputs go into a layer that takes one.
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
    head: Linear<2, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let both = self.pair.forward(x);
        self.head.forward(both)
    }
}

fn main() {
    let _ = Net::new(1);
}
