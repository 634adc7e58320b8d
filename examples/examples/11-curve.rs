//! Fits a curve by hand with tensors: the prediction, its error, the gradient, the step, each a line of arithmetic whose shapes
//! the compiler checks.
//!
//! ```text
//! cargo run --release --example curve --features tape
//! ```

use nanotorch::prelude::*;
use nanotorch_examples::smoke;

/// Points to fit.
const POINTS: usize = 64;
/// Coefficients of the polynomial.
const TERMS: usize = 6;

fn main() {
    let steps = if smoke() { 10 } else { 2000 };
    // A sine with noise on it.
    let x = Tensor::<R1<POINTS>>::linspace(-1.0, 1.0);
    let y = (3.0 * &x).sin() + 0.1 * Tensor::<R1<POINTS>>::normal(1);

    // Chebyshev's polynomials, one a column: T0 = 1, T1 = x, T(n + 1) = 2 x T(n) - T(n - 1).
    let mut terms = vec![Tensor::<R1<POINTS>>::ones(), x.clone()];
    while terms.len() < TERMS {
        let next = 2.0 * &x * &terms[terms.len() - 1] - &terms[terms.len() - 2];
        terms.push(next);
    }
    let features = Tensor::<R2<POINTS, TERMS>>::from_fn(|[point, term]| terms[term][[point]]);

    let mut weights = Tensor::<R1<TERMS>>::zeros();
    for step in 0..=steps {
        let error = features.matmul(&weights) - &y;
        // The gradient of the mean of error² by the weights.
        let gradient = 2.0 / POINTS as f32 * features.transpose().matmul(&error);
        if step % (steps / 5) == 0 {
            println!("step {step:4}: mean squared error {:.5}", error.square().mean());
        }
        weights -= 0.5 * gradient;
    }
    println!("weights: {weights}");

    let fit = features.matmul(&weights);
    for row in (0..13).rev() {
        let level = |value: f32| ((value + 1.3) * 5.0).round() as i32 == row;
        let dot = |point: usize| match (level(fit[[point]]), level(y[[point]])) {
            (true, _) => '#',
            (false, true) => '.',
            _ => ' ',
        };
        println!("{}", (0..POINTS).map(dot).collect::<String>().trim_end());
    }
}
