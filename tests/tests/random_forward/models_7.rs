//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate, Scaled};

/// 14 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net49 {
    #[frozen]
    frozen1: Param<R2<1, 6>, Ones>,
    weight1: Param<R2<4, 6>>,
}

#[forward]
impl Net49 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = (x.log_softmax() * 0.5) + (x * self.frozen1);
        let h2 = (1.25 - x.flatten()).mean(0).reshape([1]);
        let x = (-x / (self.weight1.square() + 1.5)).mean(0);
        (h1, h2.concat(x, 0))
    }
}

/// 8 operations.
#[model(input = ([6, 4], [3]), forward)]
pub(crate) struct Net50 {
    weight1: Param<R2<6, 2>>,
}

#[forward]
impl Net50 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = (x * 0.5).t().matmul(self.weight1) * 0.5;
        (x.softmax().log_softmax(), y.tanh().exp())
    }
}

/// 8 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net51 {
    weight1: Param<R0>,
}

#[forward]
impl Net51 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = (x.transpose(0, 1) - x.permute([1, 0])).slice(1, 1..3);
        h1.flatten().concat((x * self.weight1).flatten(), 0)
    }
}

/// 19 operations.
#[model(input = ([5], [2, 3, 5]), forward)]
pub(crate) struct Net52 {
    weight1: Param<R1<5>>,
    weight2: Param<R3<2, 5, 3>>,
}

#[forward]
impl Net52 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = y.tanh().powi(5).square();
        let x = (x.abs() + 1.5).sqrt() / (self.weight1.square() + 1.5);
        let h2 = (h1.detach().abs() + 1.0).ln().matmul(self.weight2);
        let h3 = x.concat((h2.square() + 1.5).recip().flatten(), 0);
        (h3, h1)
    }
}

/// 19 operations, with what is detached as an input.
#[model(input = ([5], [2, 3, 5], [2, 3, 5]), forward)]
pub(crate) struct Net52Held {
    weight1: Param<R1<5>>,
    weight2: Param<R3<2, 5, 3>>,
}

#[forward]
impl Net52Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge) {
        let h1 = y.tanh().powi(5).square();
        let x = (x.abs() + 1.5).sqrt() / (self.weight1.square() + 1.5);
        let h2 = (z.abs() + 1.0).ln().matmul(self.weight2);
        let h3 = x.concat((h2.square() + 1.5).recip().flatten(), 0);
        (h3, h1)
    }
}

/// 7 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net53 {
    block1: Gate<5>,
    block2: Gate<5>,
    blocks1: [Scaled<5>; 2],
}

#[forward]
impl Net53 {
    fn forward(&self, x: Edge) -> Edge {
        let x = self.block1.forward((x.square() + 1.0).powf(0.7));
        let x = self.block2.forward(x * 0.5);
        let mut x = x;
        for block in &self.blocks1 {
            x = block.forward(x);
        }
        x
    }
}

/// 5 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net54 {
    blocks1: [Beside<4, Gate<4>>; 3],
    fc1: Linear<4, 5>,
}

#[forward]
impl Net54 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.sum(1).tanh();
        let mut x = x;
        for block in &self.blocks1 {
            x = block.forward(x);
        }
        self.fc1.forward(x).slice(0, 3..4)
    }
}

/// 10 operations.
#[model(input = ([6], [2, 7], [3, 5]), forward)]
pub(crate) struct Net55 {
    weight1: Param<R2<2, 7>, Ones>,
}

#[forward]
impl Net55 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let h1 = 3.0 * y;
        let h2 = (h1 * 0.5) - self.weight1;
        let h1 = ((h1 * 0.5).abs() + 0.75).powf(-0.5);
        let x = z.flatten().concat(x + x, 0);
        (h2, h1, x)
    }
}

/// 12 operations.
#[model(input = [2, 3, 5], forward)]
pub(crate) struct Net56 {
    act1: Softmax,
}

#[forward]
impl Net56 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.square() + 0.75;
        let h1 = (h1.powi(-2) * x).softmax() / ((h1 * 0.5).square() + 1.5);
        self.act1.forward(h1).relu().leaky_relu()
    }
}
