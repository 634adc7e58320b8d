//! Forward functions: gradients against differences, for networks that are more than a chain.

use nanotorch::gradcheck::Gradcheck;
use nanotorch::loss::Mse;
use nanotorch::model::{self, Model, OutputOf};
use nanotorch::prelude::*;
use nanotorch::shape::Shape;

/// A residual network with a loop over blocks.
#[model(input = [6], forward)]
struct Residual {
    first: Linear<6, 5>,
    relu: Tanh,
    second: Linear<5, 6>,
    blocks: [Block<6>; 2],
    head: Linear<6, 3>,
}

#[forward]
impl Residual {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.first.forward(x);
        let h = self.second.forward(self.relu.forward(h));
        let mut h = (h + x) * 0.5;
        for block in &self.blocks {
            h = block.forward(h);
        }
        self.head.forward(h.tanh())
    }
}

/// A block with parameters of its own and an edge that is used twice.
#[model(forward)]
struct Block<const D: usize> {
    fc: Linear<D, D>,
    scale: Param<R1<D>>,
}

#[forward]
impl<const D: usize> Block<D> {
    fn forward(&self, x: Edge) -> Edge {
        let gate = self.fc.forward(x).sigmoid();
        x + self.scale * (gate * x)
    }
}

/// One head of attention.
#[model(input = [4, 6], forward)]
struct Attention {
    query: Linear<6, 5, NoBias>,
    key: Linear<6, 5, NoBias>,
    value: Linear<6, 5, NoBias>,
    out: Linear<5, 6>,
}

#[forward]
impl Attention {
    fn forward(&self, x: Edge) -> Edge {
        let (q, k, v) = (self.query.forward(x), self.key.forward(x), self.value.forward(x));
        let scores = q.matmul(k.t()) / 5.0_f64.sqrt();
        x + self.out.forward(scores.softmax().matmul(v))
    }
}

/// A gated unit.
#[model(input = [5], forward)]
struct Gated {
    value: Linear<5, 4>,
    gate: Linear<5, 4>,
}

#[forward]
impl Gated {
    fn forward(&self, x: Edge) -> Edge {
        self.value.forward(x) * self.gate.forward(x).silu()
    }
}

/// Two inputs, one tower for both, two outputs.
#[model(input = ([5], [5]), forward)]
struct Towers {
    tower: Linear<5, 4>,
    head: Linear<8, 2>,
}

#[forward]
impl Towers {
    fn forward(&self, left: Edge, right: Edge) -> (Edge, Edge) {
        let (a, b) = (self.tower.forward(left).tanh(), self.tower.forward(right).tanh());
        let distance = (a - b).square().sum().sqrt();
        (self.head.forward(a.concat(b, 0)), distance)
    }
}

/// A model that takes apart what another one returns.
#[model(input = ([5], [5]), forward)]
struct OverTowers {
    towers: Towers,
    head: Linear<2, 3>,
}

#[forward]
impl OverTowers {
    fn forward(&self, left: Edge, right: Edge) -> Edge {
        let (classes, distance) = self.towers.forward(left, right);
        self.head.forward(classes) + distance.reshape([1])
    }
}

/// A mixture of two experts.
#[model(input = [4], forward)]
struct Experts {
    gate: Linear<4, 2>,
    first: Linear<4, 3>,
    second: Linear<4, 3>,
}

#[forward]
impl Experts {
    fn forward(&self, x: Edge) -> Edge {
        let gate = self.gate.forward(x).softmax();
        let experts = self.first.forward(x).tanh().stack(self.second.forward(x).gelu(), 0);
        (gate.reshape([2, 1]) * experts).sum(0)
    }
}

/// An autoencoder whose decoder is its encoder, transposed.
#[model(input = [6], forward)]
struct Tied {
    weight: Param<R2<6, 3>>,
    hidden: Param<R1<3>, Zeros>,
    visible: Param<R1<6>, Zeros>,
}

#[forward]
impl Tied {
    fn forward(&self, x: Edge) -> Edge {
        let code = (x.reshape([1, 6]).matmul(self.weight) + self.hidden).sigmoid();
        (code.matmul(self.weight.t()) + self.visible).flatten()
    }
}

/// Arrangements: split, permute, slice, mean, max, division, powers.
#[model(input = [4, 6], forward)]
struct Arranged {
    mix: Linear<6, 6>,
    head: Linear<2, 2>,
}

#[forward]
impl Arranged {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.mix.forward(x);
        let (a, b, c) = h.split(3, 1);
        let a = a.transpose(0, 1).permute([1, 0]);
        let ratio = a / (b.square() + 1.5) - c.exp() * 0.1;
        let best = ratio.max(0);
        let tail = h.slice(0, 1..3).slice(1, 2..4).mean(1);
        let powers = (best.square() + 1.0).powf(0.7) + tail.powi(3) - tail.abs().sqrt();
        -self.head.forward(powers) + 2.0 / (best.square() + 2.0) - (3.0 - tail)
    }
}

/// Checks the gradients of a model by all parameters and by the input, from one seed and for a few rows.
fn check<M: Model<Element = f64>>(name: &str, targets: usize)
where
    Mse: nanotorch::loss::Loss<OutputOf<M>, f64, Target = f64>,
{
    for seed in 1..4 {
        let model = model::new::<M>(seed);
        let mut random = Random::new(seed + 10);
        for rows in [1, 3] {
            let inputs: Vec<f64> = (0..rows * <M::Input as Shape>::LEN).map(|_| random.normal()).collect();
            let goals: Vec<f64> = (0..rows * targets).map(|_| random.normal()).collect();
            if let Err(error) = Gradcheck::default().model(&*model, &Mse::default(), &inputs, &goals) {
                panic!("{name}, seed {seed}, {rows} rows: {error}");
            }
        }
    }
}

#[test]
fn gradients_match_differences() {
    check::<Residual<f64>>("residual", 3);
    check::<Attention<f64>>("attention", 24);
    check::<Gated<f64>>("gated", 4);
    check::<Towers<f64>>("towers", 3);
    check::<OverTowers<f64>>("over towers", 3);
    check::<Experts<f64>>("experts", 3);
    check::<Tied<f64>>("tied", 6);
    check::<Arranged<f64>>("arranged", 2);
}

/// A value that is passed on without its gradient.
#[model(input = [3], forward)]
struct Detached {
    fc: Linear<3, 3>,
}

#[forward]
impl Detached {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.fc.forward(x);
        h + h.detach() * h.detach()
    }
}

#[test]
fn no_gradient_flows_through_a_detached_edge() {
    let model = model::new::<Detached<f64>>(1);
    let mut training = nanotorch::run::Training::<Detached<f64>, UpTo<1>>::new(1);
    let loss = nanotorch::loss::Mse::default();
    let (inputs, targets) = ([0.3, -0.2, 0.9], [0.0, 0.0, 0.0]);
    training.gradients(&*model, &loss, &inputs, &targets).expect("one sample is a batch");
    // Of h + c with a constant c, the derivative by the bias is that of the loss by the output: 2 (h + c) / 3.
    let outputs: Vec<f64> = training.outputs().iter().map(|output| 2.0 * output / 3.0).collect();
    assert_eq!(training.gradient().fc.bias.to_vec(), outputs);
}
