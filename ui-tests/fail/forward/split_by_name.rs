// A number of parts that is no number.
// errors: 1
use nanotorch::prelude::*;

const PARTS: usize = 2;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let parts = x.split(PARTS, 0);
        self.fc.forward(parts)
    }
}

fn main() {
    let _ = Net::new(1);
}
