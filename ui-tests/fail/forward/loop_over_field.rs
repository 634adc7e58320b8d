// A loop over one layer.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 4>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let mut h = x;
        for layer in &self.fc {
            h = layer.forward(h);
        }
        h
    }
}

fn main() {
    let _ = Net::new(1);
}
