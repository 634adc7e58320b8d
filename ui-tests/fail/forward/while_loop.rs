// A `while` on data.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let mut h = self.fc.forward(x);
        while h > 0.0 {
            h = h - 1.0;
        }
        h
    }
}

fn main() {
    let _ = Net::new(1);
}
