// A complete forward model is given another input.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], forward)]
pub struct Inner {
    fc: Linear<8, 8>,
}

#[forward]
impl Inner {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x)
    }
}

#[model(input = [4])]
pub struct Net {
    stem: Linear<4, 7>,
    inner: Inner,
}

fn main() {}
