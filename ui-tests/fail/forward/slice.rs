// A slice that goes beyond its axis.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<3, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x.slice(1, 4..7))
    }
}

fn main() {
    let _ = Net::new(1);
}
