// A misspelt layer in a forward model: rustc's own error, once.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [8], forward)]
pub struct Net {
    fc: Liner<8, 8>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x)
    }
}

fn main() {}
