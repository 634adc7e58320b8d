// A permutation of too few axes.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x).permute([0])
    }
}

fn main() {
    let _ = Net::new(1);
}
