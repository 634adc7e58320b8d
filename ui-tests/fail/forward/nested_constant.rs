// A constant in the function.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        const TWO: f32 = 2.0;
        self.fc.forward(x) * TWO
    }
}

fn main() {
    let _ = Net::new(1);
}
