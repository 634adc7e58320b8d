// An `if` on data.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.fc.forward(x);
        if true { h } else { h.relu() }
    }
}

fn main() {
    let _ = Net::new(1);
}
