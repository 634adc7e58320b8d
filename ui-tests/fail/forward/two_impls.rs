// Two forward functions of one model.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x)
    }
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x).relu()
    }
}

fn main() {
    let _ = Net::new(1);
}
