// A transposition of an axis that is not there.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x).transpose(0, 2)
    }
}

fn main() {
    let _ = Net::new(1);
}
