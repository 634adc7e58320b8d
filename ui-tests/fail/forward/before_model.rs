// The function stands above its model: the compiler and the model both say so.
// errors: 2
use nanotorch::prelude::*;

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.fc.forward(x)
    }
}

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

fn main() {
    let _ = Net::new(1);
}
