//! A network that learns the solution of a differential equation from the equation alone, on a tape: the derivatives of the
//! network by its input are variables, and the loss that is made of them is differentiated once more.
//!
//! ```text
//! cargo run --release --example equation --features tape
//! ```
//! The equation is that of a damped oscillator, `u'' + u' / 2 + 4 u = 0` with `u(0) = 1` and `u'(0) = 0`. The method is that of
//! Raissi, Perdikaris, Karniadakis, "Physics-informed neural networks" (2019).

use nanotorch::prelude::*;
use nanotorch_examples::smoke;

/// Moments at which the equation is to hold.
const POINTS: usize = 64;
const HIDDEN: usize = 24;
/// The last moment.
const END: f32 = 5.0;
const DAMPING: f32 = 0.5;
const STIFFNESS: f32 = 4.0;

/// Numbers that Adam changes, with its moments.
struct Learned<S: Shape> {
    value: Tensor<S>,
    mean: Tensor<S>,
    square: Tensor<S>,
}

impl<S: Shape> Learned<S> {
    fn new(value: Tensor<S>) -> Self {
        Learned { value, mean: Tensor::zeros(), square: Tensor::zeros() }
    }

    fn step(&mut self, gradient: &View<S>, rate: f32, step: i32) {
        let (first, second) = (0.9_f32, 0.999_f32);
        let (mean_left, square_left) = (1.0 - first.powi(step), 1.0 - second.powi(step));
        let moments = self.mean.iter_mut().zip(self.square.iter_mut());
        for ((value, (mean, square)), gradient) in self.value.iter_mut().zip(moments).zip(gradient.iter()) {
            *mean += (1.0 - first) * (gradient - *mean);
            *square += (1.0 - second) * (gradient * gradient - *square);
            *value -= rate * (*mean / mean_left) / ((*square / square_left).sqrt() + 1e-8);
        }
    }
}

/// What the equation's solution is.
fn exact(t: f32) -> f32 {
    let (decay, frequency) = (DAMPING / 2.0, (STIFFNESS - DAMPING * DAMPING / 4.0).sqrt());
    (-decay * t).exp() * ((frequency * t).cos() + decay / frequency * (frequency * t).sin())
}

fn main() -> Result<(), TapeError> {
    let steps = if smoke() { 20 } else { 6000 };
    let time = Tensor::<R2<POINTS, 1>>::from_fn(|[point, _]| END * point as f32 / (POINTS - 1) as f32);
    let mut first = Learned::new(Tensor::<R2<1, HIDDEN>>::normal(1));
    let mut bias = Learned::new(2.0 * Tensor::<R1<HIDDEN>>::normal(2));
    let mut middle = Learned::new(Tensor::<R2<HIDDEN, HIDDEN>>::xavier_uniform(3));
    let mut last = Learned::new(0.1 * Tensor::<R2<HIDDEN, 1>>::normal(4));
    let mut tape = Tape::new();
    let mut solution = Tensor::<R2<POINTS, 1>>::zeros();

    for step in 1..=steps {
        let rate = 0.01 * (1.0 - (step - 1) as f32 / steps as f32);
        tape.record(|tape| {
            let t = tape.variable(&time);
            let (w1, b1) = (tape.variable(&first.value), tape.variable(&bias.value));
            let (w2, w3) = (tape.variable(&middle.value), tape.variable(&last.value));
            // Whatever the network is, u(0) = 1 and u'(0) = 0.
            let network = (t.matmul(&w1) + b1).tanh().matmul(&w2).tanh().matmul(&w3);
            let u = 1.0 + t.square() * network;
            // Each moment has its own output, so the gradient of the sum is the derivative at each.
            let velocity = u.sum().gradient(t)?;
            let acceleration = velocity.sum().gradient(t)?;
            let loss = (acceleration + DAMPING * velocity + STIFFNESS * u).square().mean();
            loss.backward()?;

            w1.with_grad(|gradient| first.step(gradient, rate, step));
            b1.with_grad(|gradient| bias.step(gradient, rate, step));
            w2.with_grad(|gradient| middle.step(gradient, rate, step));
            w3.with_grad(|gradient| last.step(gradient, rate, step));
            if step % (steps / 5).max(1) == 0 {
                solution = u.value();
                println!("step {step:5}: the equation is off by {:.5}", loss.item().sqrt());
            }
            Ok::<_, TapeError>(())
        })?;
    }

    let errors = (0..POINTS).map(|point| (solution[[point, 0]] - exact(time[[point, 0]])).abs());
    println!("largest error of the solution: {:.4}", errors.fold(0.0, f32::max));
    for row in (-6..=6).rev() {
        let dot = |point: usize| {
            let here = |value: f32| (6.0 * value).round() as i32 == row;
            if here(solution[[point, 0]]) {
                '#'
            } else if row == 0 {
                '-'
            } else {
                ' '
            }
        };
        println!("{}", (0..POINTS).map(dot).collect::<String>().trim_end());
    }
    Ok(())
}
