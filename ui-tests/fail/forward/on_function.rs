// `#[forward]` on the function.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4])]
pub struct Net {
    fc: Linear<4, 2>,
}

impl Net {
    #[forward]
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x)
    }
}

fn main() {}
