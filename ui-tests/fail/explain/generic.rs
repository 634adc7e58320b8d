// A generic model that declares nothing is shown for the arguments and shapes that are said.
// errors: 1
use nanotorch::prelude::*;

#[model(forward, explain(Mix<4, Tanh>, ([2, 4], [4])))]
pub struct Mix<const D: usize, A: Module> {
    fc: Linear<D, D>,
    act: A,
}

#[forward]
impl<const D: usize, A: Module> Mix<D, A> {
    fn forward(&self, x: Edge, gate: Edge) -> Edge {
        gate.sigmoid() * self.act.forward(self.fc.forward(x))
    }
}

fn main() {}
