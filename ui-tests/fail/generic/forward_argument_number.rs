// A layer of a forward model with a number with a point.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], forward)]
pub struct Net {
    fc: Linear<8, 8.0>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x)
    }
}

fn main() {}
