//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate};

/// 8 operations.
#[model(input = [3], forward)]
pub(crate) struct Net9 {
    weight1: Param<R1<1>>,
}

#[forward]
impl Net9 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let (h1, h2, h3) = x.split(3, 0);
        let h1 = (h1 / (self.weight1.square() + 1.0)) / 0.5;
        (0.5 - h2, h3 + h1.softmax())
    }
}

/// 5 operations.
#[model(input = ([6, 4], [6]), forward)]
pub(crate) struct Net10 {
    weight1: Param<R0>,
}

#[forward]
impl Net10 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = y.softplus().log_softmax().tanh().abs();
        (h1, self.weight1 - x)
    }
}

/// 7 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net11 {
    weight1: Param<R2<4, 3>, Ones>,
    fc1: Linear<4, 5>,
}

#[forward]
impl Net11 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.tanh();
        let h1 = x.matmul(x.t()).sigmoid().matmul(self.weight1.t());
        self.fc1.forward(h1)
    }
}

/// 11 operations.
#[model(input = [7], forward)]
pub(crate) struct Net12 {
    weight1: Param<R0>,
}

#[forward]
impl Net12 {
    fn forward(&self, x: Edge) -> (Edge, Edge, Edge) {
        let h1 = x.max(0);
        let h2 = h1 * h1;
        let x = (h2.detach() * 0.5) / (x.square() + 1.0);
        let h3 = x.detach();
        let h3 = h3.reshape([1, 7]) - (h3 + self.weight1);
        (h3, h2, x)
    }
}

/// 11 operations, with what is detached as an input.
#[model(input = ([7], [], [7]), forward)]
pub(crate) struct Net12Held {
    weight1: Param<R0>,
}

#[forward]
impl Net12Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let h1 = x.max(0);
        let h2 = h1 * h1;
        let x = (y * 0.5) / (x.square() + 1.0);
        let z = z.reshape([1, 7]) - (z + self.weight1);
        (z, h2, x)
    }
}

/// 5 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net13 {
    blocks1: [Beside<5, Gate<5>>; 3],
    blocks2: [Beside<5, Gate<5>>; 3],
}

#[forward]
impl Net13 {
    fn forward(&self, x: Edge) -> Edge {
        let mut h1 = x;
        for block in &self.blocks1 {
            h1 = block.forward(h1);
        }
        let x = (x * (h1 * 0.5)).sigmoid();
        let mut x = x;
        for block in &self.blocks2 {
            x = block.forward(x);
        }
        x
    }
}

/// 9 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net14 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net14 {
    fn forward(&self, x: Edge) -> Edge {
        let (h1, h2, h3) = x.flatten().split(3, 0);
        let (h4, h5) = h2.split(2, 0);
        let h5 = h5.concat(h1 / (self.frozen1.square() + 1.0), 0);
        h5 + h3.concat(h4, 0)
    }
}

/// 7 operations.
#[model(input = ([7], [6], [5], [2, 3, 5]), forward)]
pub(crate) struct Net15 {
    weight1: Param<R3<2, 3, 2>, Ones>,
}

#[forward]
impl Net15 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let h1 = (w * 0.5).t().matmul(self.weight1).slice(0, 1..2);
        (h1.slice(1, 4..5), x.concat(y, 0), z.tanh())
    }
}

/// 10 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net16 {
    act1: LeakyRelu<1, 100>,
}

#[forward]
impl Net16 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x * (0.5 * self.act1.forward(x - x));
        let h1 = x.sigmoid();
        h1 + ((x * 0.5) / (h1.square() + 1.0))
    }
}
