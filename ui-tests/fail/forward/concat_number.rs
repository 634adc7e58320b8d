// An edge and a number are put together.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<5, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x.concat(1.0, 0))
    }
}

fn main() {
    let _ = Net::new(1);
}
