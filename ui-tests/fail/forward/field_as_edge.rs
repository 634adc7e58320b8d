// A layer is used as an edge.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc
    }
}

fn main() {
    let _ = Net::new(1);
}
