// Two mistakes are two errors.
// errors: 2
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let a = self.fc.forward(x).mean(5);
        let b = self.fc.forward(x).slice(1, 0..9);
        a + b
    }
}

fn main() {
    let _ = Net::new(1);
}
