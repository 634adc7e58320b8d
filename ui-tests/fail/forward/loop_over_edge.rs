// A loop over an edge.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 4>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let mut h = self.fc.forward(x);
        for row in x {
            h = h + row;
        }
        h
    }
}

fn main() {
    let _ = Net::new(1);
}
