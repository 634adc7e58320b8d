// A part of a split without a use.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<2, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let (a, b) = x.split(2, 0);
        self.fc.forward(a)
    }
}

fn main() {
    let _ = Net::new(1);
}
