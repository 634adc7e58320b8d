// A tuple in a sum.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    first: Linear<4, 2>,
    second: Linear<2, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let both = (self.first.forward(x), x);
        self.second.forward(both).relu() + both
    }
}

fn main() {
    let _ = Net::new(1);
}
