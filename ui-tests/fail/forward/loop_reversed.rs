// A loop over an array of layers, from its end.
// errors: 1
use nanotorch::prelude::*;

#[model(input = [4], forward)]
pub struct Net {
    fcs: [Linear<4, 4>; 3],
}

#[forward]
impl Net {
    fn forward(&self, x: Edge) -> Edge {
        let mut h = x;
        for fc in self.fcs.iter().rev() {
            h = fc.forward(h);
        }
        h
    }
}

fn main() {}
