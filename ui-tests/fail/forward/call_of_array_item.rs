// One layer of an array is called.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    blocks: [Linear<4, 4>; 2],
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.blocks[0].forward(x)
    }
}

fn main() {
    let _ = Net::new(1);
}
