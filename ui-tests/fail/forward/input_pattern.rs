// Inputs as one tuple.
// errors: 1
use nanotorch::prelude::*;

#[model(input = ([4], [4]), forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, (a, b): (Edge, Edge)) -> Edge {
        self.fc.forward(a) + self.fc.forward(b)
    }
}

fn main() {
    let _ = Net::new(1);
}
