// A layer is called with a number.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 4>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(1.0) + x
    }
}

fn main() {
    let _ = Net::new(1);
}
