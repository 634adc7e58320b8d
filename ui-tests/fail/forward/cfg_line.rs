// A line that is there in some builds only.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fc: Linear<4, 4>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        #[cfg(debug_assertions)]
        let x = x.relu();
        self.fc.forward(x)
    }
}

fn main() {}
