// A product of vectors.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [6], forward)]
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
