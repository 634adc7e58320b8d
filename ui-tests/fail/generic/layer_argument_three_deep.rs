// Three levels deep: the layer that was passed down as an argument.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Block<const D: usize, A: Module> {
    fc1: Linear<D, D>,
    act: A,
    fc2: Linear<D, D>,
}

#[forward]
impl<const D: usize, A: Module> Block<D, A> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.act.forward(self.fc1.forward(x));
        x + self.fc2.forward(h)
    }
}

#[model]
pub struct Encoder<const D: usize, A: Module> {
    blocks: [Block<D, A>; 3],
}

#[model(input = [8])]
pub struct Net {
    encoder: Encoder<8, Linear<9, 8>>,
}

fn main() {}
