// A loop whose results are thrown away.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    blocks: [Linear<4, 4>; 3],
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let mut h = x;
        for block in &self.blocks {
            block.forward(h);
        }
        h
    }
}

fn main() {
    let _ = Net::new(1);
}
