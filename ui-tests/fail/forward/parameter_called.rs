// A parameter is called.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
    scale: Param<R1<6>, Ones>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.scale.forward(self.fc.forward(x))
    }
}

fn main() {
    let _ = Net::new(1);
}
