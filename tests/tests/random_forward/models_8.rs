//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate, Scaled};

/// 11 operations.
#[model(input = [3], forward)]
pub(crate) struct Net57 {
    weight1: Param<R1<1>, Ones>,
}

#[forward]
impl Net57 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = x.abs() + 0.75;
        let (h2, h3, h4) = (x / h1).split(3, 0);
        let h1 = (h1 + self.weight1).log_softmax().sigmoid();
        (h4 - h3, h1 * (h2.slice(0, 0..1) * 0.5))
    }
}

/// 9 operations.
#[model(input = ([3, 5], [4, 6]), forward)]
pub(crate) struct Net58 {
    weight1: Param<R0>,
}

#[forward]
impl Net58 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = y.softmax().concat(y, 1) / (self.weight1.square() + 1.0);
        let x = x.flatten().concat(y.slice(1, 4..5).flatten(), 0);
        (h1, x)
    }
}

/// 7 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net59 {
    weight1: Param<R2<5, 3>, Ones>,
}

#[forward]
impl Net59 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.tanh().matmul(self.weight1) * 0.25;
        h1.matmul(h1.t()) + x.max()
    }
}

/// 14 operations.
#[model(input = ([2, 7], [4, 6]), forward)]
pub(crate) struct Net60 {
    fc1: Linear<6, 5>,
}

#[forward]
impl Net60 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge, Edge) {
        let h1 = y.log_softmax() * 0.5;
        let h2 = self.fc1.forward(h1);
        let h3 = h1.stack(h1, 0);
        let x = x.flatten().concat(h2.detach().flatten(), 0);
        let h4 = h3.detach().sum(2).flatten().concat(x.mean(0).reshape([1]), 0);
        (h4, h2, h3)
    }
}

/// 14 operations, with what is detached as an input.
#[model(input = ([2, 7], [4, 6], [4, 5], [2, 4, 6]), forward)]
pub(crate) struct Net60Held {
    fc1: Linear<6, 5>,
}

#[forward]
impl Net60Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let h1 = y.log_softmax() * 0.5;
        let h2 = self.fc1.forward(h1);
        let h3 = h1.stack(h1, 0);
        let x = x.flatten().concat(z.flatten(), 0).mean(0);
        let h4 = w.sum(2).flatten().concat(x.reshape([1]), 0);
        (h4, h2, h3)
    }
}

/// 12 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net61 {
    block1: Scaled<5>,
    weight1: Param<R2<4, 5>>,
    blocks1: [Beside<4, Gate<4>>; 2],
}

#[forward]
impl Net61 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.weight1.t();
        let mut h2 = h1;
        for block in &self.blocks1 {
            h2 = block.forward(h2);
        }
        let h1 = self.block1.forward(x).flatten().concat(x.tanh().matmul(h1).flatten(), 0);
        h2.flatten().concat(h1.mean(0).reshape([1]), 0)
    }
}

/// 14 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net62 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net62 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.square() + 1.0;
        let (h2, h3) = (h1.powf(-0.5) - h1).split(2, 1);
        let h2 = h2.sigmoid() / ((h3 * 0.5).square() + 1.0);
        (self.frozen1 * x).mean(0).concat(h2.flatten(), 0)
    }
}

/// 7 operations.
#[model(input = ([2, 3, 5], [6, 4], [4, 6], [3]), forward)]
pub(crate) struct Net63 {
    #[frozen]
    frozen1: Linear<5, 3>,
}

#[forward]
impl Net63 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let x = self.frozen1.forward(x);
        let h1 = y.mean(0).concat((w.square() + 1.0).powi(-2), 0);
        (x, z + z, h1)
    }
}

/// 36 operations.
#[model(input = [3], forward)]
pub(crate) struct Net64 {
    weight1: Param<R2<3, 1>>,
    weight2: Param<R1<1>, Ones>,
    weight3: Param<R2<1, 2>>,
    weight4: Param<R2<1, 6>>,
    weight5: Param<R2<6, 3>>,
}

#[forward]
impl Net64 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.reshape([3, 1]);
        let h2 = (h1 - h1).relu();
        let h3 = ((h2.leaky_relu() * 0.5) * self.weight1) + 3.0;
        let h4 = h3.sigmoid();
        let h3 = h2 + (h3.sigmoid() / (h4.square() + 1.5));
        let h3 = self.weight2 * ((x - (h3 - 3.0).mean(0).tanh()) * 0.5);
        let h5 = h3.reshape([1, 3]).t().matmul(self.weight3);
        let h6 = (h2 * 0.5) / (h5.flatten().square() + 1.0);
        let h6 = (((h4 + h6) - self.weight4) * 0.25).matmul(self.weight5);
        let h6 = h6.softmax().gelu();
        h6.matmul(h6.t()).max(1)
    }
}
