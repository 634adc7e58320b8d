//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate, Scaled};

/// 6 operations.
#[model(input = [3], forward)]
pub(crate) struct Net41 {
    block1: Scaled<3>,
    fc1: Linear<3, 5>,
}

#[forward]
impl Net41 {
    fn forward(&self, x: Edge) -> Edge {
        let x = self.fc1.forward(self.block1.forward(x).abs());
        -x.sigmoid().mean(0)
    }
}

/// 5 operations.
#[model(input = ([7], [6]), forward)]
pub(crate) struct Net42 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net42 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = x.concat(self.weight1 * ((y - y) * 0.5), 0);
        (y * 3.0, x)
    }
}

/// 10 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net43 {
    weight1: Param<R2<5, 3>>,
    weight2: Param<R2<4, 3>, Ones>,
}

#[forward]
impl Net43 {
    fn forward(&self, x: Edge) -> Edge {
        let x = (x * 0.5).matmul(self.weight1) * 0.5;
        x.matmul(x.t()).flatten().concat(x.matmul(self.weight2.t()).flatten(), 0)
    }
}

/// 10 operations.
#[model(input = [6], forward)]
pub(crate) struct Net44 {
    weight1: Param<R0>,
    weight2: Param<R2<1, 2>>,
}

#[forward]
impl Net44 {
    fn forward(&self, x: Edge) -> (Edge, Edge, Edge) {
        let x = (x / (self.weight1.square() + 1.5)).reshape([1, 6]);
        let h1 = x.t().matmul(self.weight2);
        let h2 = h1.detach().max(1);
        (h2.detach().exp(), h1, h2)
    }
}

/// 10 operations, with what is detached as an input.
#[model(input = ([6], [6, 2], [6]), forward)]
pub(crate) struct Net44Held {
    weight1: Param<R0>,
    weight2: Param<R2<1, 2>>,
}

#[forward]
impl Net44Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let x = (x / (self.weight1.square() + 1.5)).reshape([1, 6]);
        let h1 = x.t().matmul(self.weight2);
        let h2 = y.max(1);
        (z.exp(), h1, h2)
    }
}

/// 5 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net45 {
    blocks1: [Scaled<5>; 2],
    blocks2: [Beside<5, Gate<5>>; 2],
}

#[forward]
impl Net45 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x * 0.5;
        let h1 = x.powi(3);
        let mut h1 = h1;
        for block in &self.blocks1 {
            h1 = block.forward(h1);
        }
        let mut h2 = x;
        for block in &self.blocks2 {
            h2 = block.forward(h2);
        }
        h2 + h1
    }
}

/// 8 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net46 {
    weight1: Param<R0>,
}

#[forward]
impl Net46 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = (x.stack(x, 1) - self.weight1).mean(0).flatten();
        x.concat(x.slice(0, 2..3), 0).mean(0).concat(h1, 0)
    }
}

/// 8 operations.
#[model(input = ([5], [4, 6], [7], [3, 5]), forward)]
pub(crate) struct Net47 {
    weight1: Param<R0>,
}

#[forward]
impl Net47 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge) {
        let x = (y.sum().sigmoid() * x) / (w.square() + 0.75);
        (self.weight1 + x, z.tanh())
    }
}

/// 10 operations.
#[model(input = [2, 3, 5], forward)]
pub(crate) struct Net48 {
    weight1: Param<R3<2, 3, 5>, Ones>,
    act1: LeakyRelu<1, 100>,
}

#[forward]
impl Net48 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.act1.forward(self.weight1 * (x - x).tanh());
        let x = (h1.log_softmax() * 0.5) / (x.abs() + 0.75);
        x / 0.5
    }
}
