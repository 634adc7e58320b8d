// A function of one's own.
// errors: 1
use nanotorch::prelude::*;

pub fn double(x: f32) -> f32 {
    x + x
}

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        double(self.fc.forward(x))
    }
}

fn main() {
    let _ = Net::new(1);
}
