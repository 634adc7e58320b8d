// A vector along the wrong axis.
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
        h * h.mean(1)
    }
}

fn main() {
    let _ = Net::new(1);
}
