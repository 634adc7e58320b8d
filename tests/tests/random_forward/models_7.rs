//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Chain, Pair, Scaled};

/// 6 operations.
#[model(input = [2, 7], forward)]
pub(crate) struct Net49 {
    weight1: Param<R2<7, 3>>,
    chain1: Chain<3>,
}

#[forward]
impl Net49 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = x.softmax();
        let h1 = self.chain1.forward(x.square().matmul(self.weight1) * 0.5);
        (0.5 - x, h1)
    }
}

/// 8 operations.
#[model(input = ([3, 5], [5]), forward)]
pub(crate) struct Net50 {
    weight1: Param<R2<3, 5>>,
    #[frozen]
    frozen1: Param<R2<4, 3>, Ones>,
}

#[forward]
impl Net50 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = (self.weight1 + x) * 0.5;
        let x = (x.matmul(x.t()) * 0.125).matmul(self.frozen1.t());
        (x, y.tanh())
    }
}

/// 7 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net51 {
    weight1: Param<R2<3, 2>>,
}

#[forward]
impl Net51 {
    fn forward(&self, x: Edge) -> Edge {
        let x = (x.square() + 1.0).ln();
        ((x - x) * 0.5).t().matmul(self.weight1)
    }
}

/// 10 operations.
#[model(input = ([6], [6]), forward)]
pub(crate) struct Net52 {
    weight1: Param<R1<3>>,
}

#[forward]
impl Net52 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let (h1, h2) = (1.25 * y).split(2, 0);
        let h3 = h2.detach();
        let h3 = (self.weight1 * h3) / (h3.mean().square() + 1.0);
        (x.concat(h1, 0).concat(h3, 0), h2)
    }
}

/// 10 operations, with what is detached as an input.
#[model(input = ([6], [6], [3]), forward)]
pub(crate) struct Net52Held {
    weight1: Param<R1<3>>,
}

#[forward]
impl Net52Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge) {
        let (h1, h2) = (1.25 * y).split(2, 0);
        let z = (self.weight1 * z) / (z.mean().square() + 1.0);
        (x.concat(h1, 0).concat(z, 0), h2)
    }
}

/// 10 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net53 {
    fc1: Linear<5, 4>,
    pair1: Pair,
    net1: Net51,
    block1: Scaled<4>,
}

#[forward]
impl Net53 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = (self.fc1.forward(x) * 0.5).mean(0);
        let (h2, h3) = self.pair1.forward(h1, h1.slice(0, 1..4));
        self.block1.forward(h2).concat((h3 + self.net1.forward(x)).flatten(), 0)
    }
}

/// 8 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net54 {
    weight1: Param<R0>,
}

#[forward]
impl Net54 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.reshape([1, 24]).flatten().abs() + 1.0;
        (1.25 / x) * ((x - self.weight1) * 0.5)
    }
}

/// 13 operations.
#[model(input = ([5], [6, 4], [2, 7]), forward)]
pub(crate) struct Net55 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net55 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let z = z.square() + 1.0;
        let h1 = z.sqrt();
        let h2 = (h1.square() + 1.5).recip();
        let z = ((z * 0.5) / (h1.square() + 1.5)) + self.frozen1;
        let x = x.concat(y.mean(0), 0);
        (h2, z, x)
    }
}

/// 11 operations.
#[model(input = [2, 3, 5], forward)]
pub(crate) struct Net56 {
    fc1: Linear<5, 3, NoBias>,
    fc2: Linear<3, 5>,
}

#[forward]
impl Net56 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.square();
        let h1 = self.fc1.forward(x - (x + 1.0).powf(0.7));
        let h2 = self.fc2.forward(h1 * 0.5).transpose(0, 1);
        (h2 * 0.25) * h2.sigmoid()
    }
}
