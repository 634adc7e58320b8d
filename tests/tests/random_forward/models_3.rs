//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate, Scaled};

/// 12 operations.
#[model(input = [6], forward)]
pub(crate) struct Net17 {
    weight1: Param<R0>,
    weight2: Param<R0, Ones>,
}

#[forward]
impl Net17 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = (self.weight1 + x).stack((x, x), 0).tanh();
        let h1 = (h1.matmul(h1.t()) * 0.5).square() + 0.75;
        (((3.0 * x) * 0.5) - self.weight2, h1.powf(0.7))
    }
}

/// 11 operations.
#[model(input = ([6, 4], [2, 7]), forward)]
pub(crate) struct Net18 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net18 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let (h1, h2) = y.split(2, 0);
        let x = x.log_softmax().tanh() / (self.frozen1.square() + 0.75);
        let h2 = (h1.square() + 0.75).powf(-0.5) + (h2 * h1);
        (x, h2)
    }
}

/// 11 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net19 {
    weight1: Param<R2<4, 5>>,
    block1: Scaled<5>,
}

#[forward]
impl Net19 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x * 0.5;
        let h1 = x.matmul(self.weight1.t());
        let h1 = ((h1 - h1).tanh() * h1.mean()).flatten();
        self.block1.forward(x).flatten().concat(h1, 0)
    }
}

/// 21 operations.
#[model(input = ([7], [4, 6]), forward)]
pub(crate) struct Net20 {
    weight1: Param<R2<4, 6>>,
    weight2: Param<R2<4, 2>, Ones>,
}

#[forward]
impl Net20 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = (y / (self.weight1.square() + 0.75)).abs();
        let h2 = (h1 + 1.5).powi(-2);
        let h3 = h2.detach();
        let h1 = (0.5 / (h1.square() + 1.0)).t().matmul(self.weight2);
        let h1 = h3.leaky_relu().mean(0).concat(h1.flatten(), 0);
        let x = x.concat((h3 + y).relu().mean(0), 0).concat(h1, 0);
        (x, h2)
    }
}

/// 21 operations, with what is detached as an input.
#[model(input = ([7], [4, 6], [4, 6]), forward)]
pub(crate) struct Net20Held {
    weight1: Param<R2<4, 6>>,
    weight2: Param<R2<4, 2>, Ones>,
}

#[forward]
impl Net20Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge) {
        let h1 = (y / (self.weight1.square() + 0.75)).abs();
        let h2 = (h1 + 1.5).powi(-2);
        let h1 = (0.5 / (h1.square() + 1.0)).t().matmul(self.weight2);
        let h1 = z.leaky_relu().mean(0).concat(h1.flatten(), 0);
        let x = x.concat((z + y).relu().mean(0), 0).concat(h1, 0);
        (x, h2)
    }
}

/// 5 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net21 {
    blocks1: [Beside<5, Gate<5>>; 2],
    blocks2: [Beside<5, Gate<5>>; 2],
}

#[forward]
impl Net21 {
    fn forward(&self, x: Edge) -> Edge {
        let mut x = x;
        for block in &self.blocks1 {
            x = block.forward(x);
        }
        let h1 = ((x - x) * 0.5).sigmoid();
        let mut h1 = h1;
        for block in &self.blocks2 {
            h1 = block.forward(h1);
        }
        h1
    }
}

/// 10 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net22 {
    weight1: Param<R2<1, 24>>,
    weight2: Param<R2<6, 3>>,
}

#[forward]
impl Net22 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = (x.reshape([1, 24]) + 0.5) * self.weight1;
        let x = (x * 0.5).matmul(self.weight2).flatten();
        h1.mean(0).mean(0).reshape([1]).concat(x, 0)
    }
}

/// 8 operations.
#[model(input = ([4, 6], [3, 5], [5]), forward)]
pub(crate) struct Net23 {
    #[frozen]
    frozen1: Linear<6, 5, NoBias>,
}

#[forward]
impl Net23 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let h1 = x.square() + 1.0;
        let h2 = self.frozen1.forward(h1).flatten() * 0.25;
        (x / h1, h2 - 3.0, y + z)
    }
}

/// 9 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net24 {
    fc1: Linear<4, 5>,
}

#[forward]
impl Net24 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.softmax() * 0.5;
        let x = (x - x).transpose(1, 0);
        let x = x * x;
        self.fc1.forward(x / (x.square() + 1.0))
    }
}
