// A model of two inputs is called with one edge.
// errors: 1
use nanotorch::prelude::*;

#[model(input = ([4], [3]), forward)]
pub struct Two {
    a: Linear<4, 2>,
    b: Linear<3, 2>,
}

#[forward]
impl Two {
    fn forward(&self, x: Edge, y: Edge) -> Edge {
        self.a.forward(x) + self.b.forward(y)
    }
}

#[model(input = [4], forward)]
pub struct Net {
    two: Two,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.two.forward(x)
    }
}

fn main() {
    let _ = Net::new(1);
}
