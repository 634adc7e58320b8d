//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::Scaled;

/// 11 operations.
#[model(input = [7], forward)]
pub(crate) struct Net9 {
    weight1: Param<R0>,
}

#[forward]
impl Net9 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = (x.slice(0, 2..6).log_softmax() * 0.5).abs();
        ((-h1 * 0.5).exp().reshape([1, 1, 4]), x / (self.weight1.square() + 0.75))
    }
}

/// 6 operations.
#[model(input = ([6, 4], [7]), forward)]
pub(crate) struct Net10 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net10 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let x = x.max(0);
        let (h1, h2) = (x + x).split(2, 0);
        (self.weight1 * x, y.concat(h2 - h1, 0))
    }
}

/// 10 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net11 {
    weight1: Param<R2<3, 2>>,
    weight2: Param<R2<2, 3>>,
    weight3: Param<R2<3, 5>>,
}

#[forward]
impl Net11 {
    fn forward(&self, x: Edge) -> Edge {
        let x = (x * 0.5).t().matmul(self.weight1) * 0.5;
        let h1 = x.matmul(self.weight2);
        (h1.matmul(h1.t()) * 0.25).matmul(self.weight3.t())
    }
}

/// 14 operations.
#[model(input = [2, 3, 5], forward)]
pub(crate) struct Net12 {
    weight1: Param<R3<2, 5, 2>>,
}

#[forward]
impl Net12 {
    fn forward(&self, x: Edge) -> (Edge, Edge, Edge) {
        let h1 = x.softmax();
        let h2 = h1.detach().transpose(1, 2);
        let h3 = h2.detach().powi(2).t().matmul(self.weight1);
        let h4 = h3 * 0.5;
        let x = h4 + (h4 / (x.sum().tanh().abs() + 1.0));
        (x, h1, h2)
    }
}

/// 14 operations, with what is detached as an input.
#[model(input = ([2, 3, 5], [2, 3, 5], [2, 5, 3]), forward)]
pub(crate) struct Net12Held {
    weight1: Param<R3<2, 5, 2>>,
}

#[forward]
impl Net12Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge) -> (Edge, Edge, Edge) {
        let h1 = x.softmax();
        let h2 = y.transpose(1, 2);
        let h3 = z.powi(2).t().matmul(self.weight1) * 0.5;
        let x = h3 + (h3 / (x.sum().tanh().abs() + 1.0));
        (x, h1, h2)
    }
}

/// 5 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net13 {
    net1: Net11,
    block1: Scaled<3>,
}

#[forward]
impl Net13 {
    fn forward(&self, x: Edge) -> Edge {
        let x = self.block1.forward(self.net1.forward(x));
        (x * 0.5).square() * 1.25
    }
}

/// 9 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net14 {
    weight1: Param<R0>,
}

#[forward]
impl Net14 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x.permute([0, 1]);
        let h2 = h1.slice(1, 1..2).slice(0, 1..4).flatten();
        let x = (((h1 - x) * 0.5) * self.weight1).mean(0);
        h2.concat(x, 0)
    }
}

/// 13 operations.
#[model(input = ([6], [2, 3, 5], [6, 4], [5]), forward)]
pub(crate) struct Net15 {
    weight1: Param<R0, Ones>,
}

#[forward]
impl Net15 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let x = (0.5 - ((x.square() + 0.75).ln() / 0.5)).square();
        let h1 = y / (self.weight1.abs() + 1.0);
        let z = z.mean(0).concat(w, 0);
        ((x + 1.0).sqrt(), h1, z)
    }
}

/// 15 operations.
#[model(input = [7], forward)]
pub(crate) struct Net16 {
    weight1: Param<R1<21>>,
    weight2: Param<R2<21, 3>>,
}

#[forward]
impl Net16 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = x + x;
        let h2 = h1 * 0.5;
        let h3 = ((x - h1) * 0.25) * h2;
        let x = (h3.concat((h2, x), 0) * 0.5) / (self.weight1.abs() + 0.75);
        let h4 = (x.abs() + 1.5).recip().reshape([1, 21]);
        h4.matmul(self.weight2)
    }
}
