//! `mlp-tiny` without a model: tensors, and a tape that is recorded in each step.

use nanotorch::prelude::*;

/// `mlp-tiny` by hand: 4-16-16-2, tanh, mean squared error, plain gradient descent.
pub struct TinyByHand {
    weights: (Tensor<R2<4, 16>>, Tensor<R2<16, 16>>, Tensor<R2<16, 2>>),
    biases: (Tensor<R1<16>>, Tensor<R1<16>>, Tensor<R1<2>>),
}

impl Default for TinyByHand {
    fn default() -> Self {
        Self::new()
    }
}

impl TinyByHand {
    /// With weights that are the same in every run.
    pub fn new() -> Self {
        let weights =
            (Tensor::uniform(1, -0.5..0.5), Tensor::uniform(2, -0.25..0.25), Tensor::uniform(3, -0.25..0.25));
        TinyByHand { weights, biases: Default::default() }
    }

    /// A training step, recorded on a tape. Returns the loss; NaN where there is no way back.
    pub fn step(&mut self, tape: &mut Tape, x: &Tensor<R2<32, 4>>, y: &Tensor<R2<32, 2>>) -> f32 {
        tape.record(|tape| {
            let (x, y) = (tape.constant(x), tape.constant(y));
            let w = (
                tape.variable(&self.weights.0),
                tape.variable(&self.weights.1),
                tape.variable(&self.weights.2),
            );
            let b =
                (tape.variable(&self.biases.0), tape.variable(&self.biases.1), tape.variable(&self.biases.2));
            let hidden = (x.matmul(&w.0) + b.0).tanh();
            let hidden = (hidden.matmul(&w.1) + b.1).tanh();
            let loss = (hidden.matmul(&w.2) + b.2 - y).square().mean();
            if loss.backward().is_err() {
                return f32::NAN;
            }
            const RATE: f32 = 0.01;
            w.0.with_grad(|gradient| descend(&mut self.weights.0, gradient, RATE));
            w.1.with_grad(|gradient| descend(&mut self.weights.1, gradient, RATE));
            w.2.with_grad(|gradient| descend(&mut self.weights.2, gradient, RATE));
            b.0.with_grad(|gradient| descend(&mut self.biases.0, gradient, RATE));
            b.1.with_grad(|gradient| descend(&mut self.biases.1, gradient, RATE));
            b.2.with_grad(|gradient| descend(&mut self.biases.2, gradient, RATE));
            loss.item()
        })
    }
}

fn descend<S: Shape>(weight: &mut Tensor<S>, gradient: &View<S>, rate: f32) {
    for (weight, gradient) in weight.iter_mut().zip(gradient) {
        *weight -= rate * gradient;
    }
}
