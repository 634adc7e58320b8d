// A transposition of a vector.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x).t()
    }
}

fn main() {
    let _ = Net::new(1);
}
