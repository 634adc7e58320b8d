// `forward` with a value.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], forward = true)]
pub struct Net {
    fc: Linear<8, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x)
    }
}

fn main() {}
