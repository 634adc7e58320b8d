//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Beside, Gate, Scaled};

/// 12 operations.
#[model(input = [7], forward)]
pub(crate) struct Net33 {
    weight1: Param<R1<7>>,
}

#[forward]
impl Net33 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = x.softmax();
        let h1 = x.square();
        let h2 = h1 + 1.5;
        let h3 = (3.0 * h2).slice(0, 2..5).concat((h1.square() + 1.5).ln(), 0);
        ((x / h2) - (self.weight1 + h1), h3)
    }
}

/// 11 operations.
#[model(input = ([6], [2, 3, 5]), forward)]
pub(crate) struct Net34 {
    weight1: Param<R0>,
}

#[forward]
impl Net34 {
    fn forward(&self, x: Edge, y: Edge) -> Edge {
        let x = ((x.square() + 1.0).sqrt().abs() + 1.0).recip();
        (y * x.slice(0, 3..4)) / (self.weight1.square() + 1.5)
    }
}

/// 12 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net35 {
    weight1: Param<R2<4, 5>>,
    weight2: Param<R2<3, 2>, Ones>,
}

#[forward]
impl Net35 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.tanh().matmul(self.weight1.t());
        let h1 = x.tanh().t().matmul(self.weight2).flatten();
        (x.mean(1).square() + 1.5).powf(0.7).concat(h1, 0)
    }
}

/// 17 operations.
#[model(input = [3], forward)]
pub(crate) struct Net36 {
    weight1: Param<R2<3, 5>>,
}

#[forward]
impl Net36 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = x.slice(0, 0..3);
        let h2 = h1.reshape([1, 3]);
        let h3 = (h2 * 0.5).matmul(self.weight1);
        let h4 = h3.matmul(h3.t()).tanh().square() + 0.75;
        let h2 = h1.detach().concat(h2.concat(h3, 1).flatten(), 0);
        (h2 - (x.max(0) + h4.powf(-0.5)), h1)
    }
}

/// 17 operations, with what is detached as an input.
#[model(input = ([3], [3]), forward)]
pub(crate) struct Net36Held {
    weight1: Param<R2<3, 5>>,
}

#[forward]
impl Net36Held {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = x.slice(0, 0..3);
        let h2 = h1.reshape([1, 3]);
        let h3 = (h2 * 0.5).matmul(self.weight1);
        let h4 = h3.matmul(h3.t()).tanh().square() + 0.75;
        let h2 = y.concat(h2.concat(h3, 1).flatten(), 0);
        (h2 - (x.max(0) + h4.powf(-0.5)), h1)
    }
}

/// 8 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net37 {
    block1: Beside<5, Gate<5>>,
    block2: Gate<5>,
    blocks1: [Scaled<5>; 3],
}

#[forward]
impl Net37 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = self.block2.forward(x);
        let mut h1 = h1;
        for block in &self.blocks1 {
            h1 = block.forward(h1);
        }
        let x = (self.block1.forward(x).abs() + 1.5).powi(-2);
        (h1 * 0.25) * x
    }
}

/// 9 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net38 {
    fc1: Linear<6, 5>,
    weight1: Param<R3<2, 2, 5>>,
}

#[forward]
impl Net38 {
    fn forward(&self, x: Edge) -> Edge {
        let x = self.fc1.forward(x);
        let (h1, h2) = x.stack(x, 1).split(2, 0);
        let h3 = (h2 * 0.25) / (self.weight1.abs() + 1.0);
        h3 + (h1 * 0.5)
    }
}

/// 6 operations.
#[model(input = ([3], [5], [6]), forward)]
pub(crate) struct Net39 {
    weight1: Param<R1<6>>,
    fc1: Linear<6, 5>,
    fc2: Linear<5, 3>,
}

#[forward]
impl Net39 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let z = z - self.weight1;
        let h1 = self.fc2.forward(self.fc1.forward(z) * 0.5);
        (z.relu(), h1, x.concat(y, 0))
    }
}

/// 12 operations.
#[model(input = [2, 3, 5], forward)]
pub(crate) struct Net40 {
    weight1: Param<R0>,
}

#[forward]
impl Net40 {
    fn forward(&self, x: Edge) -> Edge {
        let x = ((3.0 / (x.square() + 0.75)) + 1.25).reshape([3, 10]);
        let h1 = ((x * 0.5).leaky_relu().sigmoid() - 3.0).sum();
        self.weight1 * (h1 * 0.03125)
    }
}
