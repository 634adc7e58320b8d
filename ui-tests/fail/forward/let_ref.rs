// A name that borrows.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 4>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let ref y = self.fc.forward(x);
        y.relu()
    }
}

fn main() {}
