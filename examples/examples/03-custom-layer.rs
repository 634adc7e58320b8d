//! Two layers of one's own: one with parameters, forward and backward side by side, and one that is only a function and its
//! derivative. Differences say whether they are right, and the first one is trained on the digits.
//!
//! ```text
//! cargo run --release --example custom-layer
//! ```

use nanotorch::layer::Elementwise;
use nanotorch::op::{Keeps, Unary};
use nanotorch::prelude::*;
use nanotorch::simd::Vector;
use nanotorch_examples::{digits, smoke};

/// `y = x σ(β x)`, with a slope `β` that is learned for each of `N` features.
///
/// Between a line (`β = 0`) and ReLU (`β = ∞`). Source: P. Ramachandran and others, *Searching for activation functions* (2017).
#[layer]
struct Swish<const N: usize, T: Float = f32> {
    beta: [T; N],
}

/// How it begins.
impl<const N: usize, T: Float> Initialize for Swish<N, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.beta = [T::ONE; N];
    }
}

/// What it does with samples of any shape `I`, whose numbers lie in `x` one sample after the other.
impl<I: Shape, const N: usize, T: Float> Layer<I> for Swish<N, T> {
    type Out = I;
    const FLOPS: usize = 4 * I::LEN;
    // Backward looks at the input again, so the memory plan keeps it.
    const NEEDS: Needs = Needs { input: true, ..Needs::NOTHING };

    fn forward<P: Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        for (x, y) in x.chunks_exact(N).zip(y.chunks_exact_mut(N)) {
            for feature in 0..N {
                y[feature] = x[feature] * sigmoid(self.beta[feature] * x[feature]);
            }
        }
    }

    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        // dy/dβ = x² σ (1 - σ), summed over the samples; there is no gradient where the layer is frozen.
        if let Some(gradient) = gradient {
            for feature in 0..N {
                let mut sum = T::ZERO;
                for (x, dy) in edges.x.chunks_exact(N).zip(edges.dy.chunks_exact(N)) {
                    let s = sigmoid(self.beta[feature] * x[feature]);
                    sum += dy[feature] * x[feature] * x[feature] * s * (T::ONE - s);
                }
                pass.accumulate().store(&mut gradient.beta[feature], sum);
            }
        }
        // dy/dx = σ + β x σ (1 - σ); nobody asks for it if the layer is the first one.
        if let Some(dx) = edges.dx {
            let rows = dx.chunks_exact_mut(N).zip(edges.x.chunks_exact(N)).zip(edges.dy.chunks_exact(N));
            for ((dx, x), dy) in rows {
                for feature in 0..N {
                    let along = self.beta[feature] * x[feature];
                    let s = sigmoid(along);
                    dx[feature] = dy[feature] * (s + along * s * (T::ONE - s));
                }
            }
        }
    }
}

fn sigmoid<T: Float>(x: T) -> T {
    T::from_f64(1.0 / (1.0 + (-x.to_f64()).exp()))
}

/// `y = x³`, by somebody who forgot the 3 in its derivative.
#[derive(Clone, Copy, Default)]
struct Cube;

impl Unary for Cube {
    const NAME: &'static str = "Cube";
    const KEEPS: Keeps = Keeps::Input;
    fn value<V: Vector>(self, x: V) -> V {
        x * x * x
    }
    fn derivative<V: Vector>(self, x: V) -> V {
        x * x
    }
}

/// The digits, with the new layer in the middle.
#[model(input = [64], batch = 32)]
struct Net {
    fc1: Linear<64, 64>,
    swish: Swish<64>,
    fc2: Linear<64, 10>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let points = [0.5, -1.5, 2.0, -0.1, 0.0, 3.0];
    Gradcheck::default().layer::<R1<3>, _>(&*model::new::<Swish<3, f64>>(1), &points)?;
    println!("Swish: forward and backward belong together");
    match Gradcheck::default().layer::<R1<3>, _>(&*model::new::<Elementwise<Cube, f64>>(1), &points) {
        Ok(()) => return Err("a wrong derivative went unnoticed".into()),
        Err(error) => println!("Cube: {error}"),
    }

    let (training, test) = digits(1)?;
    let mut net = Net::new(1);
    let trainer = Trainer::<Net, 32>::new(CrossEntropy::default(), Adam::new(2e-3)).metric(Accuracy::new());
    trainer.epochs(if smoke() { 2 } else { 20 }).fit(&mut net, &training, None)?;
    println!("on the test set: {}", net.evaluate(&test, &CrossEntropy::default(), Accuracy::new())?);
    let beta = &net.swish.beta;
    let (least, most) = beta.iter().fold((f32::MAX, f32::MIN), |(low, high), &b| (low.min(b), high.max(b)));
    println!("the slopes began as 1 and are now from {least:.2} to {most:.2}");
    Ok(())
}
