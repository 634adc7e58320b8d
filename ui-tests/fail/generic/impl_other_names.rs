// A forward function whose `impl` calls the parameters otherwise.
// errors: 1
use nanotorch::prelude::*;

#[model(forward)]
pub struct Block<const D: usize, A: Module> {
    fc1: Linear<D, D>,
    act: A,
    fc2: Linear<D, D>,
}

#[forward]
impl<const N: usize, M: Module> Block<N, M> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.act.forward(self.fc1.forward(x));
        x + self.fc2.forward(h)
    }
}


fn main() {}
