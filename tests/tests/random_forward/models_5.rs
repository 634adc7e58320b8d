//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate};

/// 9 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net33 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net33 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = x.stack((x, x), 2);
        let h1 = x.abs();
        let h2 = h1 + 0.75;
        let h3 = ((x / h2) + h2).tanh().softmax().sigmoid();
        (h3, self.frozen1 - h1)
    }
}

/// 6 operations.
#[model(input = ([5], [5]), forward)]
pub(crate) struct Net34 {
    weight1: Param<R0>,
}

#[forward]
impl Net34 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = x.tanh();
        let h1 = (y * x) / (self.weight1.square() + 1.5);
        (x.gelu(), h1)
    }
}

/// 10 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net35 {
    weight1: Param<R2<5, 3>>,
}

#[forward]
impl Net35 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x * 0.5;
        let h1 = x.matmul(self.weight1) * 0.5;
        (h1.matmul(h1.t()) * 0.5).flatten().concat(x.gelu_tanh().flatten(), 0)
    }
}

/// 8 operations.
#[model(input = [3], forward)]
pub(crate) struct Net36 {
    weight1: Param<R0>,
}

#[forward]
impl Net36 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = (x - 0.5).silu();
        let (h1, h2, h3) = x.detach().split(3, 0);
        let h2 = (h3.reshape([1, 1]) - h1) * (h2 + self.weight1);
        (h2, x)
    }
}

/// 8 operations, with what is detached as an input.
#[model(input = ([3], [3]), forward)]
pub(crate) struct Net36Held {
    weight1: Param<R0>,
}

#[forward]
impl Net36Held {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = (x - 0.5).silu();
        let (h1, h2, h3) = y.split(3, 0);
        let h2 = (h3.reshape([1, 1]) - h1) * (h2 + self.weight1);
        (h2, x)
    }
}

/// 7 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net37 {
    block1: Beside<5, Gate<5>>,
}

#[forward]
impl Net37 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.block1.forward(x.softplus()).sigmoid();
        x.elu() / (h1.abs() + 0.75)
    }
}

/// 5 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net38 {
    fc1: Linear<6, 5>,
}

#[forward]
impl Net38 {
    fn forward(&self, x: Edge) -> Edge {
        x.log_softmax().mean(0).concat(self.fc1.forward(x).flatten(), 0)
    }
}

/// 6 operations.
#[model(input = ([2, 7], [6, 4], [4, 6]), forward)]
pub(crate) struct Net39 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net39 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let x = x.transpose(1, 0).permute([0, 1]).slice(1, 0..2);
        (x + self.weight1, y.tanh(), z.tanh())
    }
}

/// 13 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net40 {
    fc1: Linear<6, 5>,
    weight1: Param<R2<3, 5>, Ones>,
    weight2: Param<R2<4, 2>>,
}

#[forward]
impl Net40 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.weight1.t();
        let x = (self.fc1.forward(x.softmax()) * 0.5).matmul(h1);
        let x = (x * 0.125).t().matmul(self.weight2).flatten();
        x.concat(h1.log_softmax().softmax().flatten(), 0)
    }
}
