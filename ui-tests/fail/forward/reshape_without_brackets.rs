// Lengths without their brackets.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x).reshape(1, 2)
    }
}

fn main() {
    let _ = Net::new(1);
}
