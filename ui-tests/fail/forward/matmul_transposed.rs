// A product with a `t()` missing.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.fc.forward(x);
        h.matmul(h)
    }
}

fn main() {
    let _ = Net::new(1);
}
