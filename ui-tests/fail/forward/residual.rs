// A residual of unequal shapes.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [64], forward)]
pub struct Net {
    fc: Linear<64, 32>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x)
    }
}

fn main() {
    let _ = Net::new(1);
}
