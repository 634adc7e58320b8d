// `#[forward]` on an `impl` of a trait.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Layer<R1<4>> for Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x)
    }
}

fn main() {}
