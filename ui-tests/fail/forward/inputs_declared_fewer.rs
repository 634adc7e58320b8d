// Two inputs, of which one is declared.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
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
    let _ = Net::new(1);
}
