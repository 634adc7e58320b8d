// The edge that is wrong is named.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4, 6], forward)]
pub struct Net {
    fc: Linear<6, 6>,
    head: Linear<6, 2>,
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let keys = self.fc.forward(x);
        let scores = keys.matmul(keys.t()).softmax();
        self.head.forward(scores)
    }
}

fn main() {
    let _ = Net::new(1);
}
