//! What a residual does for a deep network: twelve layers with and without a way around, as many parameters, the same data, the
//! same steps, several seeds.
//!
//! ```text
//! cargo run --release --example residual
//! ```

use nanotorch::prelude::*;
use nanotorch_examples::{digits, smoke};

/// One after the other.
#[model(input = [64], batch = 32)]
struct Plain {
    first: Linear<64, 32>,
    blocks: [PlainBlock; 12],
    head: Linear<32, 10>,
}

/// A layer.
#[model]
struct PlainBlock {
    fc: Linear<32, 32>,
    relu: Relu,
}

/// The same layers; what a block computes is added to what it was given.
#[model(input = [64], batch = 32)]
struct Residual {
    first: Linear<64, 32>,
    blocks: [ResidualBlock; 12],
    head: Linear<32, 10>,
}

/// The same layer, and a way around it.
#[model(forward)]
struct ResidualBlock {
    fc: Linear<32, 32>,
}

#[forward]
impl ResidualBlock {
    fn forward(&self, x: Edge) -> Edge {
        x + self.fc.forward(x).relu()
    }
}

// The way around costs no parameter.
const _: () = assert!(Plain::PARAMS == Residual::PARAMS);

const EPOCHS: usize = 10;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (seeds, epochs) = if smoke() { (1..=1, 1) } else { (1..=5, EPOCHS) };
    println!("{} parameters each, {epochs} epochs, accuracy on the test set:", Plain::PARAMS);
    println!("seed   plain  residual");
    let (mut plain, mut residual) = (0.0, 0.0);
    for seed in seeds.clone() {
        let (a, b) = (accuracy::<Plain>(seed, epochs)?, accuracy::<Residual>(seed, epochs)?);
        println!("{seed:>4} {a:>5.1} %   {b:>5.1} %");
        (plain, residual) = (plain + a, residual + b);
    }
    let count = seeds.count() as f64;
    println!("mean {:>5.1} %   {:>5.1} %", plain / count, residual / count);
    Ok(())
}

/// Trains a model on the digits; its accuracy on those that it hasn't seen, in percent.
fn accuracy<M>(seed: u64, epochs: usize) -> Result<f64, Box<dyn std::error::Error>>
where
    M: Model<Element = f32, Input = R1<64>>,
{
    let (training, test) = digits(seed)?;
    let loss = CrossEntropy::default();
    let mut net = model::new::<M>(seed);
    let trainer = Trainer::<M, 32>::new(loss, Adam::new(1e-3)).epochs(epochs).seed(seed);
    trainer.quiet().fit(&mut net, &training, None)?;
    let mut accuracy = Accuracy::new();
    net.evaluate(&test, &loss, &mut accuracy)?;
    Ok(100.0 * accuracy.value())
}
