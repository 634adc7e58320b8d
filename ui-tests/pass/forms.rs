//! Forms of Rust that a forward function may have: `+=`, `_` for an output that isn't wanted, numbers with names.

use nanotorch::prelude::*;

const SCALE: f32 = 0.5;

#[model(forward)]
pub struct Pair {
    first: Linear<4, 2>,
    second: Linear<4, 2>,
}

#[forward]
impl Pair {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        (self.first.forward(x), self.second.forward(x))
    }
}

#[model(input = [4], forward)]
pub struct Net {
    pair: Pair,
    blocks: [Linear<2, 2>; 2],
}

#[forward]
impl Net {
    fn forward(&self, mut x: Edge) -> Edge {
        let half = 1.0 / 2.0;
        x *= half;
        let (mut h, _) = self.pair.forward(x);
        let (_, other): (Edge, Edge) = x.split(2, 0);
        h += other * SCALE;
        h -= 1.0;
        for block in &self.blocks {
            h = block.forward(h);
        }
        let axis = 0;
        let mean: Edge = h.mean(axis);
        return { h / mean };
    }
}

#[model(forward)]
pub struct Block<const D: usize, A: Module = Relu> {
    fc: Linear<D, D>,
    act: A,
}

#[forward]
impl<const D: usize, A: Module> Block<D, A> {
    pub fn forward(&self, x: Edge) -> Edge {
        x + self.act.forward(self.fc.forward(x))
    }
}

#[model(input = [4])]
pub struct Outer {
    block: Block<4, Tanh>,
    last: Block<4>,
}

fn main() {
    assert_eq!((Net::OUTPUT, Outer::OUTPUT), (&[2][..], &[4][..]));
    let net = Net::new(1);
    let mut inference = nanotorch::run::Inference::<Net, Const<1>>::new();
    let answers = inference.run(&net, &[0.1, 0.2, 0.3, 0.4]).unwrap();
    assert!(answers.iter().all(|answer| answer.is_finite()));
}
