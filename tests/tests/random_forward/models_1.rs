//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Chain, Gate, Pair, Scaled};

/// 9 operations.
#[model(input = [5], forward)]
pub(crate) struct Net1 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net1 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = self.weight1 * (x - x).sigmoid();
        let x = x.sigmoid() / (h1.tanh().square() + 1.5);
        (h1.leaky_relu(), x)
    }
}

/// 6 operations.
#[model(input = ([3, 5], [6]), forward)]
pub(crate) struct Net2 {
    weight1: Param<R0>,
}

#[forward]
impl Net2 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = x.transpose(1, 0);
        (self.weight1 - (h1 + h1), (y - 3.0).concat(x.flatten(), 0))
    }
}

/// 8 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net3 {
    weight1: Param<R2<4, 5>, Ones>,
    weight2: Param<R2<3, 2>>,
}

#[forward]
impl Net3 {
    fn forward(&self, x: Edge) -> Edge {
        let x = ((x * x) * 0.25).matmul(self.weight1.t());
        x.gelu().sigmoid().t().matmul(self.weight2)
    }
}

/// 17 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net4 {
    weight1: Param<R2<6, 3>>,
    block1: Gate<3>,
    weight2: Param<R2<4, 3>>,
}

#[forward]
impl Net4 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = x.gelu_tanh();
        let h1 = x.permute([0, 1]);
        let h2 = (x * 0.5).matmul(self.weight1);
        let h3 = (self.block1.forward(h2) * 0.5) / (self.weight2.abs() + 0.75);
        let h4 = h1.detach().silu().mean(0).concat(h3.flatten(), 0);
        let h5 = h2.log_softmax().flatten().concat(h4, 0);
        (h5, h1)
    }
}

/// 17 operations, with what is detached as an input.
#[model(input = ([4, 6], [4, 6]), forward)]
pub(crate) struct Net4Held {
    weight1: Param<R2<6, 3>>,
    block1: Gate<3>,
    weight2: Param<R2<4, 3>>,
}

#[forward]
impl Net4Held {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = x.gelu_tanh();
        let h1 = x.permute([0, 1]);
        let h2 = (x * 0.5).matmul(self.weight1);
        let h3 = (self.block1.forward(h2) * 0.5) / (self.weight2.abs() + 0.75);
        let h4 = y.silu().mean(0).concat(h3.flatten(), 0);
        let h5 = h2.log_softmax().flatten().concat(h4, 0);
        (h5, h1)
    }
}

/// 8 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net5 {
    blocks1: [Gate<5>; 3],
    blocks2: [Scaled<5>; 2],
    act1: Relu,
}

#[forward]
impl Net5 {
    fn forward(&self, x: Edge) -> Edge {
        let mut x = x;
        for block in &self.blocks1 {
            x = block.forward(x);
        }
        let h1 = x * 0.5;
        let mut h1 = h1;
        for block in &self.blocks2 {
            h1 = block.forward(h1);
        }
        let h2 = h1 * 0.25;
        self.act1.forward(h2.matmul(h2.t()).tanh())
    }
}

/// 8 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net6 {
    weight1: Param<R0>,
}

#[forward]
impl Net6 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.slice(1, 3..4).slice(0, 0..2);
        let h1 = (self.weight1 + h1.concat((h1, h1), 0)).flatten();
        x.softmax().mean(0).concat(h1, 0)
    }
}

/// 9 operations.
#[model(input = ([2, 7], [3, 5], [4, 6]), forward)]
pub(crate) struct Net7 {
    weight1: Param<R2<3, 6>>,
    fc1: Linear<7, 5>,
}

#[forward]
impl Net7 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let z = (z * 0.5).matmul(self.weight1.t());
        let x = self.fc1.forward(x.elu());
        let x = (x * 0.5) - (x * 0.5);
        (z, x, y.tanh())
    }
}

/// 17 operations.
#[model(input = [6, 4], forward)]
pub(crate) struct Net8 {
    weight1: Param<R1<4>>,
    chain1: Chain<4>,
    fc1: Linear<4, 4>,
    pair1: Pair,
}

#[forward]
impl Net8 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.softplus();
        let h2 = self.weight1.abs() + 1.0;
        let h3 = self.fc1.forward(self.chain1.forward(h2));
        let (h4, h5) = self.pair1.forward(h3, h3.slice(0, 1..4));
        let x = ((h1 * x).sigmoid() / h2).stack(h1, 1) + h4;
        (x * 0.25) * (h2.mean(0) - h5).sigmoid()
    }
}
