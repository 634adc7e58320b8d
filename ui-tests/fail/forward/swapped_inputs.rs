// A model of two inputs is called with them exchanged.
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
    fc: Linear<4, 3>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.two.forward(self.fc.forward(x), x)
    }
}

fn main() {
    let _ = Net::new(1);
}
