// Five inputs.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, a: Edge, b: Edge, c: Edge, d: Edge, e: Edge) -> Edge {
        self.fc.forward(a + b + c + d + e)
    }
}

fn main() {
    
}
