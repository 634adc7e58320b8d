// Edges that differ on another axis are put together.
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
        h.concat(h.slice(1, 0..3), 0)
    }
}

fn main() {
    let _ = Net::new(1);
}
