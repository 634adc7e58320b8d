//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Chain, Pair};

/// 7 operations.
#[model(input = [6, 4], forward)]
pub(crate) struct Net25 {
    act1: Tanh,
}

#[forward]
impl Net25 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = x.tanh();
        let h2 = self.act1.forward(h1).log_softmax().gelu();
        (h2, h1.permute([0, 1]) + x.max())
    }
}

/// 6 operations.
#[model(input = ([3, 5], [7]), forward)]
pub(crate) struct Net26 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net26 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = y.slice(0, 2..7);
        let h2 = (h1.gelu_tanh() - self.frozen1).sigmoid();
        (h2 * h1, x.tanh())
    }
}

/// 8 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net27 {
    #[frozen]
    frozen1: Param<R2<4, 1>>,
}

#[forward]
impl Net27 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x * 0.5;
        let h1 = (x.matmul(x.t()) / 1.25).slice(1, 2..3);
        h1.sigmoid().matmul(self.frozen1.t())
    }
}

/// 17 operations.
#[model(input = ([2, 3, 5], [3]), forward)]
pub(crate) struct Net28 {
    weight1: Param<R3<2, 3, 2>, Ones>,
}

#[forward]
impl Net28 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge, Edge) {
        let h1 = 0.5 - y;
        let h1 = h1.concat((h1, h1), 0);
        let h2 = h1.detach().stack((h1, h1, h1), 0);
        let x = x.sigmoid().t().matmul(self.weight1);
        let h3 = (0.5 * (x.tanh() / (x.square() + 1.5))).flatten();
        let h3 = h2.detach().silu().mean(0).concat(h3, 0);
        (h3, h1, h2)
    }
}

/// 17 operations, with what is detached as an input.
#[model(input = ([2, 3, 5], [3], [9], [4, 9]), forward)]
pub(crate) struct Net28Held {
    weight1: Param<R3<2, 3, 2>, Ones>,
}

#[forward]
impl Net28Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let h1 = 0.5 - y;
        let h1 = h1.concat((h1, h1), 0);
        let z = z.stack((h1, h1, h1), 0);
        let x = x.sigmoid().t().matmul(self.weight1);
        let h2 = (0.5 * (x.tanh() / (x.square() + 1.5))).flatten();
        let h2 = w.silu().mean(0).concat(h2, 0);
        (h2, h1, z)
    }
}

/// 11 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net29 {
    chain1: Chain<5>,
    fc1: Linear<5, 4>,
    pair1: Pair,
}

#[forward]
impl Net29 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.fc1.forward(x + self.chain1.forward(x));
        let h2 = (h1 * 0.5).mean(0);
        let (h3, h4) = self.pair1.forward(h2, h2.slice(0, 1..4));
        x.elu().flatten().concat(h4 - h3, 0)
    }
}

/// 13 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net30 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net30 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x * x.softplus();
        let (h1, h2) = x.split(2, 0);
        let x = (x.reshape([1, 4, 6]) * 0.5) / (self.weight1.abs() + 0.75);
        x.mean(0).mean(0).concat((h1 + h2).flatten(), 0)
    }
}

/// 6 operations.
#[model(input = ([6, 4], [3, 5], [5], [2, 3, 5]), forward)]
pub(crate) struct Net31 {
    fc1: Linear<4, 5, NoBias>,
}

#[forward]
impl Net31 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let x = x.softmax();
        let z = self.fc1.forward(x - x) * z;
        (z, y.tanh(), w.tanh())
    }
}

/// 40 operations.
#[model(input = [6], forward)]
pub(crate) struct Net32 {
    weight1: Param<R1<6>>,
    #[frozen]
    frozen1: Param<R1<2>>,
    weight2: Param<R2<2, 3>>,
    weight3: Param<R1<1>>,
}

#[forward]
impl Net32 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.weight1.abs();
        let h1 = (0.5 / (h1.square() + 0.75)) + (x / (h1 + 1.0));
        let (h2, h3, h4) = h1.split(3, 0);
        let h4 = ((h4 + 1.25) - self.frozen1).reshape([1, 2]);
        let h4 = h4.sigmoid().matmul(self.weight2);
        let (h5, h6) = h2.split(2, 0);
        let h7 = ((-(h3.sum(0) * 0.5) - 3.0) * 0.25) * (h4.matmul(h4.t()).abs() * 0.5);
        let h5 = ((h7 * 1.25) / 3.0) / (h5.square() + 1.5);
        let h8 = self.weight3 + ((h6 * 0.5).exp().log_softmax() * 0.5);
        let h8 = (h8.sigmoid().powi(3) - self.weight3).square();
        (0.5 - h5) * h8
    }
}
