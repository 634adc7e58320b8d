// A product of stacks of unequal height.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.fc.forward(x);
        h.matmul(h.slice(0, 0..1))
    }
}

fn main() {
    let _ = Net::new(1);
}
