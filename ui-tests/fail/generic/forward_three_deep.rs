// Three levels deep: the field of a forward function, in an array, in a generic model.
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
pub struct Encoder<const D: usize> {
    blocks: [Block<D, Relu>; 3],
}

#[model(input = [4])]
pub struct Net {
    stem: Linear<4, 7>,
    encoder: Encoder<8>,
    head: Linear<8, 2>,
}

fn main() {}
