//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate};

/// 9 operations.
#[model(input = [5], forward)]
pub(crate) struct Net1 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net1 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = self.weight1 * (x - x).sigmoid();
        let x = h1.leaky_relu() / (x.sigmoid().square() + 1.0);
        (h1.tanh(), x)
    }
}

/// 13 operations.
#[model(input = ([3], [6]), forward)]
pub(crate) struct Net2 {
    weight1: Param<R0>,
}

#[forward]
impl Net2 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let (h1, h2) = y.split(2, 0);
        let (h3, h4, h5) = y.split(3, 0);
        let x = ((self.weight1 + y.mean(0)) * 0.5) / (((h1 - x) * 0.5).square() + 1.0);
        (x, h2.concat(h3, 0).concat(h5 * h4, 0))
    }
}

/// 7 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net3 {
    weight1: Param<R2<4, 5>>,
    weight2: Param<R2<3, 2>>,
}

#[forward]
impl Net3 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.sigmoid().matmul(self.weight1.t()) - 1.25;
        (x * 0.25).t().matmul(self.weight2)
    }
}

/// 8 operations.
#[model(input = [6], forward)]
pub(crate) struct Net4 {
    fc1: Linear<6, 5>,
    block1: Beside<3, Gate<3>>,
}

#[forward]
impl Net4 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = self.fc1.forward(x);
        let h1 = (x * 0.5) * 1.25;
        let h2 = self.block1.forward(x.slice(0, 2..5) * 0.5);
        (h1.detach().concat(h2, 0), h1)
    }
}

/// 8 operations, with what is detached as an input.
#[model(input = ([6], [5]), forward)]
pub(crate) struct Net4Held {
    fc1: Linear<6, 5>,
    block1: Beside<3, Gate<3>>,
}

#[forward]
impl Net4Held {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = self.fc1.forward(x);
        let h1 = (x * 0.5) * 1.25;
        let h2 = self.block1.forward(x.slice(0, 2..5) * 0.5);
        (y.concat(h2, 0), h1)
    }
}

/// 5 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net5 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net5 {
    fn forward(&self, x: Edge) -> Edge {
        (self.weight1 + x.gelu()) - x.slice(0, 0..3).gelu_tanh()
    }
}

/// 4 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net6 {
    weight1: Param<R0>,
}

#[forward]
impl Net6 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.slice(0, 3..4);
        let x = h1.concat((h1, x), 0);
        self.weight1 * x.stack(x, 0)
    }
}

/// 8 operations.
#[model(input = ([3], [4, 6], [3, 5]), forward)]
pub(crate) struct Net7 {
    weight1: Param<R2<6, 3>, Ones>,
    weight2: Param<R1<3>>,
}

#[forward]
impl Net7 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let h1 = (y * 0.5).matmul(self.weight1).sigmoid();
        let h2 = h1 / (self.weight2.square() + 0.75);
        (h2, x.log_softmax(), z.tanh())
    }
}

/// 10 operations.
#[model(input = [6], forward)]
pub(crate) struct Net8 {
    fc1: Linear<6, 5>,
    weight1: Param<R1<5>>,
}

#[forward]
impl Net8 {
    fn forward(&self, x: Edge) -> Edge {
        let x = self.fc1.forward(x.silu());
        let h1 = x * 0.5;
        let h1 = ((h1 + (x * 0.5)).tanh() - h1).elu().sigmoid();
        h1 * self.weight1
    }
}
