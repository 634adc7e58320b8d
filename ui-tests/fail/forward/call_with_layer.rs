// A layer is called with a layer.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 4>,
    head: Linear<4, 4>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(self.head) + x
    }
}

fn main() {
    let _ = Net::new(1);
}
