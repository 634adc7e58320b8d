//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::Chain;

/// 7 operations.
#[model(input = [2, 7], forward)]
pub(crate) struct Net17 {
    weight1: Param<R0>,
}

#[forward]
impl Net17 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = x.softmax();
        let h1 = 0.5 / ((self.weight1 * x).square() + 1.5);
        (x - x, -h1)
    }
}

/// 6 operations.
#[model(input = ([3], [6, 4]), forward)]
pub(crate) struct Net18 {
    chain1: Chain<4>,
}

#[forward]
impl Net18 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = y.abs();
        let h1 = h1 + self.chain1.forward(y / (h1 + 1.0));
        (h1, x.tanh())
    }
}

/// 4 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net19 {
    weight1: Param<R2<5, 3>>,
    weight2: Param<R2<1, 3>>,
}

#[forward]
impl Net19 {
    fn forward(&self, x: Edge) -> Edge {
        let x = self.weight2 - (x * 0.5).matmul(self.weight1);
        x.concat((x, x), 0)
    }
}

/// 13 operations.
#[model(input = ([6], [7]), forward)]
pub(crate) struct Net20 {
    weight1: Param<R0>,
}

#[forward]
impl Net20 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = x.log_softmax();
        let h1 = y.stack((y, y), 0).mean(0).concat(x.detach(), 0);
        let h2 = (self.weight1 * (y.sum() * 0.125)).abs();
        (h1.concat((y + 0.5) / (h2 + 0.75), 0), x)
    }
}

/// 13 operations, with what is detached as an input.
#[model(input = ([6], [7], [6]), forward)]
pub(crate) struct Net20Held {
    weight1: Param<R0>,
}

#[forward]
impl Net20Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge) {
        let x = x.log_softmax();
        let z = y.stack((y, y), 0).mean(0).concat(z, 0);
        let h1 = (self.weight1 * (y.sum() * 0.125)).abs();
        (z.concat((y + 0.5) / (h1 + 0.75), 0), x)
    }
}

/// 6 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net21 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net21 {
    fn forward(&self, x: Edge) -> Edge {
        let x = ((x * 0.5).exp() * 0.5).powi(3).softmax();
        self.weight1 + x
    }
}

/// 5 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net22 {
    weight1: Param<R0>,
}

#[forward]
impl Net22 {
    fn forward(&self, x: Edge) -> Edge {
        let (h1, h2) = x.split(2, 0);
        ((h1 - h2).reshape([3, 4, 1]) * 0.5) * self.weight1
    }
}

/// 11 operations.
#[model(input = ([3], [6], [3, 5]), forward)]
pub(crate) struct Net23 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net23 {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let z = z.log_softmax().tanh();
        let z = (z.matmul(z.t()).mean() * 0.5) / (self.frozen1.square() + 1.5);
        (z, x.tanh(), y.tanh())
    }
}

/// 13 operations.
#[model(input = [5], forward)]
pub(crate) struct Net24 {
    fc1: Linear<5, 3>,
    weight1: Param<R1<1>>,
    weight2: Param<R1<1>>,
}

#[forward]
impl Net24 {
    fn forward(&self, x: Edge) -> Edge {
        let (h1, h2, h3) = self.fc1.forward(x.softmax()).split(3, 0);
        let h3 = self.weight2 - (h3.slice(0, 0..1) + self.weight1);
        let h1 = ((h1 * 0.5) * h2.tanh()).square() + 0.75;
        (h3 * 0.5) / h1
    }
}
