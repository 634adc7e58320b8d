//! micrograd's classifier of two moons, on a tape: a network of three layers written with operators, a training loop by hand.
//!
//! ```text
//! cargo run --release --example moons --features tape
//! ```
//! The task is that of <https://github.com/karpathy/micrograd>'s demo: 100 points, the hinge loss with weight decay, 100 steps of
//! gradient descent.

use std::error::Error;

use nanotorch::prelude::*;
use nanotorch_examples::smoke;

const POINTS: usize = 100;
const HIDDEN: usize = 16;

/// The parameters: weights are `[in, out]`.
struct Net {
    weights: (Tensor<R2<2, HIDDEN>>, Tensor<R2<HIDDEN, HIDDEN>>, Tensor<R2<HIDDEN, 1>>),
    biases: (Tensor<R1<HIDDEN>>, Tensor<R1<HIDDEN>>, Tensor<R1<1>>),
}

impl Net {
    fn new(seed: u64) -> Self {
        Net {
            // Kaiming's bounds count the inputs along the second axis.
            weights: (
                Tensor::<R2<HIDDEN, 2>>::kaiming_uniform(seed).transpose(),
                Tensor::kaiming_uniform(seed + 1),
                Tensor::<R2<1, HIDDEN>>::xavier_uniform(seed + 2).transpose(),
            ),
            biases: Default::default(),
        }
    }

    /// The scores of some points: positive for one moon, negative for the other.
    fn scores<const N: usize>(&self, x: &Tensor<R2<N, 2>>) -> Tensor<R2<N, 1>> {
        let hidden = (x.matmul(&self.weights.0) + &self.biases.0).relu();
        let hidden = (hidden.matmul(&self.weights.1) + &self.biases.1).relu();
        hidden.matmul(&self.weights.2) + &self.biases.2
    }

    /// One step of gradient descent; returns the loss before it.
    fn step(
        &mut self,
        tape: &mut Tape,
        x: &Tensor<R2<POINTS, 2>>,
        labels: &Tensor<R2<POINTS, 1>>,
        rate: f32,
    ) -> Result<f32, TapeError> {
        tape.record(|tape| {
            let (x, labels) = (tape.constant(x), tape.constant(labels));
            let w = (
                tape.variable(&self.weights.0),
                tape.variable(&self.weights.1),
                tape.variable(&self.weights.2),
            );
            let b =
                (tape.variable(&self.biases.0), tape.variable(&self.biases.1), tape.variable(&self.biases.2));

            let hidden = (x.matmul(&w.0) + b.0).relu();
            let hidden = (hidden.matmul(&w.1) + b.1).relu();
            let scores = hidden.matmul(&w.2) + b.2;
            let hinge = (1.0 - labels * scores).relu().mean();
            let decay = w.0.square().sum() + w.1.square().sum() + w.2.square().sum();
            let loss = hinge + 1e-4 * decay;
            loss.backward()?;

            w.0.with_grad(|gradient| self.weights.0 -= rate * gradient);
            w.1.with_grad(|gradient| self.weights.1 -= rate * gradient);
            w.2.with_grad(|gradient| self.weights.2 -= rate * gradient);
            b.0.with_grad(|gradient| self.biases.0 -= rate * gradient);
            b.1.with_grad(|gradient| self.biases.1 -= rate * gradient);
            b.2.with_grad(|gradient| self.biases.2 -= rate * gradient);
            Ok(loss.item())
        })
    }
}

/// Two half circles that reach into each other, and on which of them each point lies: 1 or -1.
fn moons(seed: u64) -> (Tensor<R2<POINTS, 2>>, Tensor<R2<POINTS, 1>>) {
    let noise = Tensor::<R2<POINTS, 2>>::normal(seed);
    let upper = |point: usize| point < POINTS / 2;
    let x = Tensor::<R2<POINTS, 2>>::from_fn(|[point, axis]| {
        let angle = std::f32::consts::PI * (point % (POINTS / 2)) as f32 / (POINTS / 2 - 1) as f32;
        let place = match (upper(point), axis) {
            (true, 0) => angle.cos(),
            (true, _) => angle.sin(),
            (false, 0) => 1.0 - angle.cos(),
            (false, _) => 0.5 - angle.sin(),
        };
        place + 0.1 * noise[[point, axis]]
    });
    (x, Tensor::<R2<POINTS, 1>>::from_fn(|[point, _]| if upper(point) { -1.0 } else { 1.0 }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let steps = if smoke() { 5 } else { 100 };
    let (x, labels) = moons(1337);
    let mut net = Net::new(1);
    let mut tape = Tape::new();
    for step in 0..steps {
        let rate = 1.0 - 0.9 * step as f32 / steps as f32;
        let loss = net.step(&mut tape, &x, &labels, rate)?;
        let right = (net.scores(&x) * &labels).greater(&Tensor::from([0.0])).cast::<f32>().mean();
        if step % 10 == 0 || step + 1 == steps {
            println!("step {step:3}: loss {loss:.4}, {:.0} % right", 100.0 * right);
        }
    }

    // Where the network draws the border, and the points.
    let (width, height) = (64, 22);
    let at = |row: usize, column: usize| {
        [-1.5 + 4.0 * column as f32 / width as f32, 1.5 - 2.5 * row as f32 / height as f32]
    };
    for row in 0..height {
        let sign = |column: usize| {
            let [left, top] = at(row, column);
            let [right, bottom] = at(row + 1, column + 1);
            let within = |point: &&View<R1<2>>| {
                (left..right).contains(&point[[0]]) && (bottom..top).contains(&point[[1]])
            };
            match x.rows().position(|point| within(&point)) {
                Some(point) if labels[[point, 0]] > 0.0 => 'x',
                Some(_) => 'o',
                None if net.scores(&Tensor::from([at(row, column)]))[[0, 0]] > 0.0 => '+',
                None => ' ',
            }
        };
        println!("{}", (0..width).map(sign).collect::<String>().trim_end());
    }
    Ok(())
}
