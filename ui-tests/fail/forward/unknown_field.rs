// A misspelt field.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    hidden: Linear<4, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        self.hiden.forward(x)
    }
}

fn main() {
    let _ = Net::new(1);
}
