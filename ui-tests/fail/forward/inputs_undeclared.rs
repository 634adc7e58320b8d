// Two inputs, of which nothing is declared.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, a: Edge, b: Edge) -> Edge {
        self.fc.forward(a + b)
    }
}

fn main() {
    
}
