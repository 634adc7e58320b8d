//! Blocks that random forward functions call.

use nanotorch::prelude::*;

/// `x σ(fc(x))`.
#[model(forward)]
pub(crate) struct Gate<const D: usize> {
    fc: Linear<D, D>,
}

#[forward]
impl<const D: usize> Gate<D> {
    fn forward(&self, x: Edge) -> Edge {
        x * self.fc.forward(x).sigmoid()
    }
}

/// `x + scale tanh(x)`.
#[model(forward)]
pub(crate) struct Scaled<const D: usize> {
    scale: Param<R1<D>>,
}

#[forward]
impl<const D: usize> Scaled<D> {
    fn forward(&self, x: Edge) -> Edge {
        x + self.scale * x.tanh()
    }
}

/// A block beside a residual, and a scale for it.
#[model(forward)]
pub(crate) struct Beside<const D: usize, A: Module> {
    inner: A,
    scale: Param<R1<D>>,
}

#[forward]
impl<const D: usize, A: Module> Beside<D, A> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.inner.forward(x * self.scale);
        x * 0.5 + h
    }
}

/// Layers one after the other.
#[model]
pub(crate) struct Chain<const D: usize> {
    fc: Linear<D, D>,
    tanh: Tanh,
    softmax: Softmax,
}

/// Two inputs, two outputs.
#[model(input = ([4], [3]), forward)]
pub(crate) struct Pair {
    fc: Linear<3, 4>,
    scale: Param<R1<4>>,
}

#[forward]
impl Pair {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h = self.fc.forward(y).tanh();
        (x * h, (h + self.scale).square().mean())
    }
}
