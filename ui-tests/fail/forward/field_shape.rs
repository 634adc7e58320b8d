// A field that takes another shape; the edge that it is given is named.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    first: Linear<4, 8>,
    head: Linear<9, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.first.forward(x).gelu();
        self.head.forward(h)
    }
}

fn main() {
    let _ = Net::new(1);
}
