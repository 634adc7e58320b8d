// A model of two inputs in a row of layers.
// errors: 1
use nanotorch::prelude::*;

#[model(input = ([8], [8]), forward)]
pub struct Sum {
    fc: Linear<8, 2>,
}

#[forward]
impl Sum {
    fn forward(&self, a: Edge, b: Edge) -> Edge {
        self.fc.forward(a + b)
    }
}

#[model(input = [8])]
pub struct Net {
    fc: Linear<8, 8>,
    sum: Sum,
}

fn main() {}
