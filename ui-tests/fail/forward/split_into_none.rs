// A split into none.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let (a, b) = x.split(0, 0);
        self.fc.forward(a + b)
    }
}

fn main() {
    let _ = Net::new(1);
}
