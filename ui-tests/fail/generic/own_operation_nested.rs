// A mistake in a complete forward model is told there, once.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], forward)]
pub struct Inner {
    fc: Linear<8, 4>,
}

#[forward]
impl Inner {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x)
    }
}

#[model(input = [4])]
pub struct Net {
    stem: Linear<4, 8>,
    inner: Inner,
    head: Linear<8, 2>,
}

fn main() {}
