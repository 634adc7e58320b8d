// A method of several edges.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let both = (x, x);
        self.fc.forward(both.relu())
    }
}

fn main() {
    let _ = Net::new(1);
}
