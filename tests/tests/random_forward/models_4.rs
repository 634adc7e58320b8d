//! Forward functions at random.
// Written by `cargo run -p nanotorch-tests --bin random_forward`.

use nanotorch::prelude::*;

use crate::blocks::Pair;

/// 9 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net25 {
    weight1: Param<R2<4, 5>>,
}

#[forward]
impl Net25 {
    fn forward(&self, x: Edge) -> (Edge, Edge) {
        let x = x.log_softmax();
        let h1 = (x * 0.5).softmax().log_softmax() * 0.25;
        ((x * 0.5) - 1.25, h1.matmul(self.weight1.t()))
    }
}

/// 4 operations.
#[model(input = ([6, 4], [2, 3, 5]), forward)]
pub(crate) struct Net26 {
    weight1: Param<R0>,
}

#[forward]
impl Net26 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h1 = y.permute([2, 0, 1]);
        (x.square(), self.weight1 - (h1 + h1))
    }
}

/// 12 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net27 {
    weight1: Param<R2<3, 2>>,
}

#[forward]
impl Net27 {
    fn forward(&self, x: Edge) -> Edge {
        let h1 = (x * 0.5).t().matmul(self.weight1).flatten();
        let h1 = (x * 0.5).flatten().concat(h1, 0).mean(0);
        (x / 0.5).flatten().concat(h1.reshape([1]), 0)
    }
}

/// 17 operations.
#[model(input = ([6, 4], [6]), forward)]
pub(crate) struct Net28 {
    weight1: Param<R2<4, 3>>,
}

#[forward]
impl Net28 {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge, Edge) {
        let x = x.square() + 0.75;
        let h1 = x.ln().slice(1, 0..3);
        let h2 = (x * 0.25).matmul(self.weight1);
        let h3 = (h2.detach().square() + 0.75).sqrt().flatten();
        let h4 = y.concat(h1.detach().flatten(), 0).mean(0);
        let h3 = h3.concat(h4.reshape([1]), 0);
        (h3, h1, h2)
    }
}

/// 17 operations, with what is detached as an input.
#[model(input = ([6, 4], [6], [6, 3], [6, 3]), forward)]
pub(crate) struct Net28Held {
    weight1: Param<R2<4, 3>>,
}

#[forward]
impl Net28Held {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let x = x.square() + 0.75;
        let h1 = x.ln().slice(1, 0..3);
        let h2 = (x * 0.25).matmul(self.weight1);
        let z = y.concat(z.flatten(), 0).mean(0).reshape([1]);
        let z = (w.square() + 0.75).sqrt().flatten().concat(z, 0);
        (z, h1, h2)
    }
}

/// 12 operations.
#[model(input = [3, 5], forward)]
pub(crate) struct Net29 {
    fc1: Linear<5, 4>,
    pair1: Pair,
}

#[forward]
impl Net29 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.slice(0, 0..3);
        let h1 = (self.fc1.forward(x) * 0.5).mean(0);
        let (h2, h3) = self.pair1.forward(h1, h1.slice(0, 1..4));
        x.concat(x, 0).mean(0).concat(h2.sigmoid() * h3.sigmoid(), 0)
    }
}

/// 15 operations.
#[model(input = [4, 6], forward)]
pub(crate) struct Net30 {
    #[frozen]
    frozen1: Param<R0>,
}

#[forward]
impl Net30 {
    fn forward(&self, x: Edge) -> Edge {
        let x = x.stack(x, 0);
        let (h1, h2, h3) = x.split(3, 2);
        let h4 = (x / (self.frozen1.square() + 1.0)).mean(0);
        let h5 = (3.0 - h3).flatten().concat(h4.mean(0), 0);
        (h1 + h2).flatten().concat(h5.mean(0).reshape([1]), 0)
    }
}

/// 7 operations.
#[model(input = ([6, 4], [6, 4], [5], [6]), forward)]
pub(crate) struct Net31 {
    #[frozen]
    frozen1: Param<R1<6>, Ones>,
}

#[forward]
impl Net31 {
    fn forward(&self, x: Edge, y: Edge, z: Edge, w: Edge) -> (Edge, Edge, Edge) {
        let x = x * 0.5;
        let x = x.matmul(x.t()) - self.frozen1;
        let z = y.mean(0).concat(z, 0);
        (w.max(), x, z)
    }
}

/// 40 operations.
#[model(input = [3], forward)]
pub(crate) struct Net32 {
    weight1: Param<R2<3, 3>>,
    weight2: Param<R2<1, 2>>,
    weight3: Param<R1<1>>,
    weight4: Param<R1<1>, Ones>,
}

#[forward]
impl Net32 {
    fn forward(&self, x: Edge) -> Edge {
        let x = (x.reshape([3, 1, 1]).square() + 1.5).recip();
        let x = (x.square() + 1.5).powf(0.7).flatten().square();
        let h1 = (x + 1.0).powf(-0.5).reshape([1, 3]).matmul(self.weight1.t());
        let h2 = h1.transpose(1, 0);
        let h3 = (h2.permute([1, 0]).square() + 1.5).powi(-2);
        let h3 = (3.0 * h3.relu()).slice(1, 1..3);
        let h4 = self.weight3.square() + 1.5;
        let h2 = ((h2 * h3).sum(1).slice(0, 1..2) * 0.5) / h4;
        let h5 = (self.weight4 + h2).leaky_relu().concat(h4, 0);
        let h5 = ((0.5 / (h5.square() + 0.75)) + 0.5) - h3.t().matmul(self.weight2);
        h5 * h2
    }
}
