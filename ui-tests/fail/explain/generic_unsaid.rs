// A generic model is to be shown, but not with which arguments.
// errors: 1
use nanotorch::prelude::*;

#[model(forward, explain)]
pub struct Mix<const D: usize> {
    fc: Linear<D, D>,
}

#[forward]
impl<const D: usize> Mix<D> {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x)
    }
}

fn main() {}
