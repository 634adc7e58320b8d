// An edge with a shape.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let h: Tensor<R1<2>> = self.fc.forward(x);
        h.relu()
    }
}

fn main() {
    let _ = Net::new(1);
}
