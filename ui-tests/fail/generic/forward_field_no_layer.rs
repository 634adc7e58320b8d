// A field of a forward model that is no layer.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], forward)]
pub struct Net {
    fc: Linear<8, 8>,
    rate: f32,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x) * self.rate
    }
}

fn main() {}
