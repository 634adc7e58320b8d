// A loop that does more than pass an edge through.
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
            let inner = block.forward(h);
            h = h + inner;
        }
        h
    }
}

fn main() {
    let _ = Net::new(1);
}
