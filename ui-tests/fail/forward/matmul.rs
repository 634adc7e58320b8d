// A product whose inner lengths differ.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 5>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x).matmul(x)
    }
}

fn main() {
    let _ = Net::new(1);
}
