// A parameter without a shape.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
    scale: Param<6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.scale * self.fc.forward(x)
    }
}

fn main() {
    let _ = Net::new(1);
}
