// A method of a number.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let two = 2.0;
        self.fc.forward(x) + two.forward(x)
    }
}

fn main() {
    let _ = Net::new(1);
}
