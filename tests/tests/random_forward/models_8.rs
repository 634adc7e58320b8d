//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::{Chain, Pair};

/// 11 operations.
#[model(input = [5], forward)]
pub(crate) struct Net57 {
    #[frozen]
    frozen1: Linear<5, 3, NoBias>,
}

#[forward]
impl Net57 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let h1 = self.frozen1.forward(x).sigmoid();
        let h2 = h1.sigmoid();
        (h1.log_softmax() - x.mean(0), (h1 + h2) * (0.5 / (h2.abs() + 0.75)))
    }
}

/// 8 operations.
#[model(input = ([5], [6]), forward)]
pub(crate) struct Net58 {
    weight1: Param<R0>,
}

#[forward]
impl Net58 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = x.tanh();
        let x = (y.gelu() / (y.abs() + 1.5)).concat(x + h1, 0);
        (self.weight1 - h1, x)
    }
}

/// 11 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net59 {
    weight1: Param<R1<3>>,
    chain1: Chain<3>,
    weight2: Param<R2<4, 3>>,
}

#[forward]
impl Net59 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x * 0.5;
        let h1 = self.weight1 * (x.matmul(x.t()) * 0.5);
        self.chain1.forward(h1).flatten().concat(h1.matmul(self.weight2.t()).flatten(), 0)
    }
}

/// 19 operations.
#[model(input = ([6], [7]), forward)]
pub(crate) struct Net60 {
    weight1: Param<R1<26>>,
}

#[forward]
impl Net60 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge, Edge) {
        let h1 = x.gelu_tanh();
        let h2 = h1.max(0);
        let h1 = y.concat((x, h1, y), 0);
        let h3 = h1.detach();
        let h4 = h3.stack(h3, 0) / (self.weight1.square() + 0.75);
        let h5 = h2.detach().reshape([1]).concat(h4.mean(0).mean(0).reshape([1]), 0);
        let h3 = h3.softmax().silu().mean(0).reshape([1]);
        (h3.concat(h5, 0), h2, h1)
    }
}

/// 19 operations, with what is detached as an input.
#[model(input = ([6], [7], [], [26]), forward)]
pub(crate) struct Net60Held {
    weight1: Param<R1<26>>,
}

#[forward]
impl Net60Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let h1 = x.gelu_tanh();
        let h2 = h1.max(0);
        let h1 = y.concat((x, h1, y), 0);
        let h3 = w.stack(w, 0) / (self.weight1.square() + 0.75);
        let z = z.reshape([1]).concat(h3.mean(0).mean(0).reshape([1]), 0);
        let w = w.softmax().silu().mean(0).reshape([1]);
        (w.concat(z, 0), h2, h1)
    }
}

/// 9 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net61 {
    weight1: Param<R2<3, 2>, Ones>,
    weight2: Param<R2<1, 3>>,
}

#[forward]
impl Net61 {
    fn forward(&self, x: Edge) -> Edge {
        let x = (x * 0.5).t();
        let h1 = x.matmul(self.weight1);
        (h1 + h1).flatten().concat((x - self.weight2).elu().flatten(), 0)
    }
}

/// 12 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net62 {
    weight1: Param<R2<6, 3>>,
}

#[forward]
impl Net62 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.sigmoid().matmul(self.weight1);
        let h1 = x.tanh();
        let (h2, h3) = (x.tanh() * h1).split(2, 0);
        let h4 = h1.softplus().flatten().concat(h2.flatten(), 0);
        h3.flatten().concat(h4, 0)
    }
}

/// 15 operations.
#[model(input = ([3, 5], [3, 5], [2, 3, 5], [2, 7]), forward)]
pub(crate) struct Net63 {
    fc1: Linear<5, 3, NoBias>,
}

#[forward]
impl Net63 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let h1 = y * 0.5;
        let h2 = h1.t();
        let h3 = h2 / (h2.abs() + 1.0);
        let h1 = z.mean(0).flatten().concat(h1.matmul(h2).flatten(), 0);
        let x = self.fc1.forward(x).flatten().concat(w.abs().flatten(), 0);
        (h3, h1, x)
    }
}

/// 50 operations.
#[model(input = [3], forward)]
pub(crate) struct Net64 {
    weight1: Param<R2<3, 3>>,
    #[frozen]
    frozen1: Linear<3, 4>,
    pair1: Pair,
    #[frozen]
    frozen2: Linear<3, 5>,
    weight2: Param<R1<4>>,
}

#[forward]
impl Net64 {
    fn forward(&self, x: Edge) -> Edge {
        let x = -((x.log_softmax() * 0.5).softmax() + x);
        let h1 = self.weight1.t();
        let h2 = self.frozen1.forward(x.reshape([1, 3]).tanh().matmul(h1));
        let h3 = h2.mean(0);
        let (h4, h5) = self.pair1.forward(h3, h3.slice(0, 1..4));
        let h6 = self.frozen2.forward(h1).tanh();
        let h7 = (h6.exp() * 0.5).powi(2).mean().square();
        let h8 = h7 + 0.75;
        let h9 = h1.reshape([9, 1]).max();
        let h5 = (h5 - h9.stack((h8, h7), 0)).tanh() + 0.5;
        let h6 = h6.square().sum().sigmoid().square() + 0.75;
        let h6 = ((h5 * h8.ln()).abs() + 1.0).sqrt() / h6;
        let (h10, h11, h12) = h6.split(3, 0);
        let h3 = ((h3 + self.weight2) * 0.5).log_softmax();
        let h13 = h3.tanh() / (((h10 - h4) * 0.25).square() + 1.5);
        h13 + (h12 * h11)
    }
}
