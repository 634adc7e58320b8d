//! The networks of `tests/golden/forward.py`, written from operations and fields.

use nanotorch::prelude::*;

/// A transformer's block: one head of attention, then an MLP, each beside a residual.
#[model(input = [4, 6], forward)]
pub(crate) struct Attention {
    query: Linear<6, 5, NoBias>,
    key: Linear<6, 5, NoBias>,
    value: Linear<6, 5, NoBias>,
    out: Linear<5, 6>,
    up: Linear<6, 9>,
    down: Linear<9, 6>,
}

#[forward]
impl Attention {
    fn forward(&self, x: Edge) -> Edge {
        let (q, k, v) = (self.query.forward(x), self.key.forward(x), self.value.forward(x));
        let weights = (q.matmul(k.t()) / 5.0_f64.sqrt()).softmax();
        let h = x + self.out.forward(weights.matmul(v));
        h + self.down.forward(self.up.forward(h).gelu())
    }
}

/// Two gated units, SwiGLU and GLU, added.
#[model(input = [5], forward)]
pub(crate) struct Gated {
    gate: Linear<5, 7>,
    up: Linear<5, 7>,
    down: Linear<7, 3>,
    both: Linear<5, 6>,
}

#[forward]
impl Gated {
    fn forward(&self, x: Edge) -> Edge {
        let swish = self.down.forward(self.gate.forward(x).silu() * self.up.forward(x));
        let (value, gate) = self.both.forward(x).split(2, 0);
        swish + value * gate.sigmoid()
    }
}

/// One tower of two.
#[model]
pub(crate) struct Tower {
    fc1: Linear<7, 5>,
    tanh1: Tanh,
    fc2: Linear<5, 4>,
    tanh2: Tanh,
}

/// A siamese pair: one tower reads both inputs; cosine, distance, and a score of what differs.
#[model(input = ([7], [7]), forward)]
pub(crate) struct Towers {
    tower: Tower,
    head: Linear<8, 2>,
}

#[forward]
impl Towers {
    fn forward(&self, left: Edge, right: Edge) -> (Edge, Edge, Edge) {
        let (a, b) = (self.tower.forward(left), self.tower.forward(right));
        let lengths = a.square().sum() * b.square().sum();
        let cosine = (a * b).sum() / lengths.sqrt();
        let distance = (a - b).square().sum().sqrt();
        (cosine, distance, self.head.forward((a - b).abs().concat(a * b, 0)))
    }
}

/// `x + fc2(relu(fc1(x)))`.
#[model(forward)]
pub(crate) struct ResidualBlock<const D: usize, const HIDDEN: usize> {
    fc1: Linear<D, HIDDEN>,
    fc2: Linear<HIDDEN, D>,
}

#[forward]
impl<const D: usize, const HIDDEN: usize> ResidualBlock<D, HIDDEN> {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc2.forward(self.fc1.forward(x).relu())
    }
}

/// Three residual blocks between two linear layers.
#[model(input = [6], forward)]
pub(crate) struct ResidualMlp {
    first: Linear<6, 5>,
    blocks: [ResidualBlock<5, 7>; 3],
    head: Linear<5, 3>,
}

#[forward]
impl ResidualMlp {
    fn forward(&self, x: Edge) -> Edge {
        let mut h = self.first.forward(x);
        for block in &self.blocks {
            h = block.forward(h);
        }
        self.head.forward(h)
    }
}

/// One expert of two.
#[model]
pub(crate) struct Expert {
    fc1: Linear<4, 5>,
    tanh: Tanh,
    fc2: Linear<5, 3>,
}

/// A mixture of two experts, weighted by a gate.
#[model(input = [4], forward)]
pub(crate) struct Experts {
    gate: Linear<4, 2>,
    first: Expert,
    second: Expert,
}

#[forward]
impl Experts {
    fn forward(&self, x: Edge) -> Edge {
        let gate = self.gate.forward(x).softmax();
        let answers = self.first.forward(x).stack(self.second.forward(x), 0);
        (gate.reshape([2, 1]) * answers).sum(0)
    }
}

/// An autoencoder whose decoder is its encoder, transposed.
#[model(input = [6], forward)]
pub(crate) struct Tied {
    weight: Param<R2<3, 6>>,
    hidden: Param<R1<3>>,
    visible: Param<R1<6>>,
}

#[forward]
impl Tied {
    fn forward(&self, x: Edge) -> Edge {
        let code = (x.reshape([1, 6]).matmul(self.weight.t()) + self.hidden).sigmoid();
        (code.matmul(self.weight) + self.visible).flatten()
    }
}

/// Two inputs of different ranks, two outputs of different shapes, a trunk that both outputs share.
#[model(input = ([3, 5], [4]), forward)]
pub(crate) struct ActorCritic {
    look: Linear<5, 4>,
    feel: Linear<4, 3>,
    trunk: Linear<7, 6>,
    actor: Linear<6, 5>,
    critic: Linear<6, 1>,
}

#[forward]
impl ActorCritic {
    fn forward(&self, seen: Edge, felt: Edge) -> (Edge, Edge) {
        let looked = self.look.forward(seen).tanh().mean(0);
        let h = self.trunk.forward(looked.concat(self.feel.forward(felt).tanh(), 0)).relu();
        (self.actor.forward(h).log_softmax(), self.critic.forward(h))
    }
}

/// Every operator, and every function of one number, of edges and of parameters.
#[model(input = [2, 7], forward)]
pub(crate) struct Operators {
    scale: Param<R1<7>>,
    shift: Param<R2<2, 1>>,
    fc: Linear<7, 7>,
}

#[forward]
impl Operators {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.scale * self.fc.forward(x) + self.shift;
        let a = h.relu() + x.leaky_relu() - h.sigmoid() * x.tanh();
        let b = a.gelu() - h.gelu_tanh() / (a.silu() + 4.0);
        let c = b.elu() * a.softplus() - (-h.square()).exp();
        let d = (c.square() + 1.5).ln() + (a.abs() + 1.0).sqrt() - (h.square() + 1.0).recip();
        let e = 2.0 / (1.5 + d.square()) - (3.0 - b) * 0.25;
        let e = e + (a / 8.0).powi(3) - (d.square() + 1.0).powf(0.2);
        e + (b.square() + 1.0).powi(-2) - c * 0.5
    }
}

/// Values that are passed on without their gradient: of an edge, and of one of two uses of a layer.
#[model(input = [5], forward)]
pub(crate) struct Detached {
    fc: Linear<5, 4>,
    gate: Linear<5, 4>,
}

#[forward]
impl Detached {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.fc.forward(x);
        let target = self.fc.forward(x * 2.0).detach();
        (h - target).square() * self.gate.forward(x).sigmoid() + h.detach() * x.slice(0, 1..5)
    }
}

/// Every way to arrange an edge, and every reduction; the largest of equals is the first.
#[model(input = [4, 6], forward)]
pub(crate) struct Arranged {
    fc: Linear<6, 6>,
    table: Param<R3<2, 3, 4>>,
}

#[forward]
impl Arranged {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.fc.forward(x);
        let (a, b, c) = h.split(3, 1);
        let mixed = a.transpose(0, 1).stack((b.permute([1, 0]), c.t()), 1);
        let mixed = mixed.matmul(self.table.transpose(1, 2)) + self.table.sum(2).reshape([2, 1, 3]);
        let ties = mixed.relu().max(1);
        let cut = h.slice(0, 1..3).slice(1, 2..5);
        let flat = mixed.flatten().concat((cut.flatten(), ties.flatten()), 0);
        let rows = flat.reshape([5, 6]).slice(1, 1..6);
        let best = rows.max(1).slice(0, 0..3);
        let parts = rows.mean(0).stack((best.concat(best, 0).slice(0, 0..5), rows.sum(0)), 1);
        let total = parts * rows.mean();
        total + total.softmax() + rows.max()
    }
}
