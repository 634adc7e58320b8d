// A split into unequal parts.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let (a, b, c, d) = self.fc.forward(x).split(4, 1);
        a + b + c + d
    }
}

fn main() {
    let _ = Net::new(1);
}
