//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Chain, Pair, Scaled};

/// 11 operations.
#[model(input = [3], forward)]
pub(crate) struct Net41 {
    #[frozen]
    frozen1: Param<R2<3, 3>>,
}

#[forward]
impl Net41 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = x.tanh();
        let x = ((h1 * 0.5) / (x.square() + 1.5)).reshape([1, 3]);
        let h2 = self.frozen1.t();
        (h2.flatten(), h1.mean() + x.matmul(h2))
    }
}

/// 6 operations.
#[model(input = ([6], [5]), forward)]
pub(crate) struct Net42 {
    blocks1: [Scaled<5>; 2],
}

#[forward]
impl Net42 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let mut h1 = y;
        for block in &self.blocks1 {
            h1 = block.forward(h1);
        }
        (((h1 - h1.gelu()) * 0.5).gelu_tanh(), x.tanh())
    }
}

/// 10 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net43 {
    weight1: Param<R2<3, 2>>,
    #[frozen]
    frozen1: Param<R2<2, 3>>,
    act1: LeakyRelu<1, 100>,
}

#[forward]
impl Net43 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = (x * 0.5).t().matmul(self.weight1).log_softmax();
        let h2 = h1.tanh().matmul(self.frozen1).flatten();
        h2.concat(self.act1.forward(x).flatten(), 0)
    }
}

/// 12 operations.
#[model(input = [2, 3, 5], forward)]
pub(crate) struct Net44 {
    weight1: Param<R3<1, 3, 2>>,
}

#[forward]
impl Net44 {
    fn forward(&self, x: Edge) -> (Edge, Edge, Edge) {
        let x = x.softmax().transpose(2, 1);
        let h1 = x.detach().permute([1, 2, 0]);
        let h2 = h1.detach().slice(0, 2..3);
        let h3 = self.weight1 * h2;
        let h3 = (h3 / (h2.square() + 1.0)) + h3.silu();
        (h3, x, h1)
    }
}

/// 12 operations, with what is detached as an input.
#[model(input = ([2, 3, 5], [2, 5, 3], [5, 3, 2]), forward)]
pub(crate) struct Net44Held {
    weight1: Param<R3<1, 3, 2>>,
}

#[forward]
impl Net44Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let x = x.softmax().transpose(2, 1);
        let h1 = y.permute([1, 2, 0]);
        let h2 = z.slice(0, 2..3);
        let h3 = self.weight1 * h2;
        let h3 = (h3 / (h2.square() + 1.0)) + h3.silu();
        (h3, x, h1)
    }
}

/// 14 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net45 {
    chain1: Chain<5>,
    #[frozen]
    frozen1: Param<R2<1, 5>, Ones>,
    fc1: Linear<5, 4>,
    pair1: Pair,
}

#[forward]
impl Net45 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.fc1.forward(self.chain1.forward(x));
        let h2 = h1.mean(0);
        let (h3, h4) = self.pair1.forward(h2, h2.slice(0, 1..4));
        let x = (h3 * 0.5) * ((self.frozen1 - x).max() * 0.5);
        h4.tanh() / (x.abs() + 1.5)
    }
}

/// 8 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net46 {
    weight1: Param<R2<4, 1>>,
}

#[forward]
impl Net46 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.concat((x + self.weight1).slice(1, 0..6), 0);
        h1.mean(0).concat(x.stack(x, 1).mean(0).flatten(), 0)
    }
}

/// 8 operations.
#[model(input = ([3, 5], [4, 6], [3, 5], [5]), forward)]
pub(crate) struct Net47 {
    weight1: Param<R1<5>, Ones>,
}

#[forward]
impl Net47 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let h1 = (w - self.weight1).slice(0, 3..4).elu();
        let x = x.flatten().concat(y.mean(0), 0);
        (h1 / 1.25, x, z.tanh())
    }
}

/// 12 operations.
#[model(input = [2, 3, 5], forward)]
pub(crate) struct Net48 {
    fc1: Linear<3, 5>,
    fc2: Linear<5, 3>,
    #[frozen]
    frozen1: Param<R2<3, 9>>,
}

#[forward]
impl Net48 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.softplus().sigmoid();
        let x = self.fc1.forward(x.matmul(x.t()).abs());
        let x = self.fc2.forward(x.sigmoid()).reshape([2, 9]);
        (x * 0.5).matmul(self.frozen1.t())
    }
}
