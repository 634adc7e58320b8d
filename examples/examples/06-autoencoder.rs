//! An autoencoder whose decoder is its encoder, transposed: one matrix, used twice, whose gradients add up. 64 pixels go through
//! 12 numbers and come back; digits that it has never seen are drawn with their reconstructions.
//!
//! ```text
//! cargo run --release --example autoencoder
//! ```

use nanotorch::prelude::*;
use nanotorch_examples::{digits, draw, smoke};

/// `code = tanh(x W + b)`, `y = code Wᵀ + c`.
#[model(input = [64], forward, batch = 32)]
struct Tied {
    weight: Param<R2<64, 12>>,
    hidden: Param<R1<12>, Zeros>,
    visible: Param<R1<64>, Zeros>,
}

#[forward]
impl Tied {
    fn forward(&self, x: Edge) -> Edge {
        let code = (x.reshape([1, 64]).matmul(self.weight) + self.hidden).tanh();
        (code.matmul(self.weight.t()) + self.visible).flatten()
    }
}

// With a decoder of its own it would be nearly twice as many.
const _: () = assert!(Tied::PARAMS == 64 * 12 + 12 + 64);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What goes in is what should come out.
    let images = |set: &Dataset<R1<64>>| {
        Dataset::<R1<64>, f32>::with_targets(set.inputs().to_vec(), set.inputs().to_vec(), 64)
    };
    let (training, test) = digits(1)?;
    let (training, test) = (images(&training)?, images(&test)?);

    let mut net = Tied::new(1);
    let epochs = if smoke() { 2 } else { 60 };
    let trainer = Trainer::<Tied, 32>::new(Mse::default(), Adam::new(5e-3)).epochs(epochs);
    let steps = (epochs * training.len().div_ceil(32)) as u64;
    trainer.schedule(Cosine::new(5e-3, steps)).fit(&mut net, &training, None)?;

    println!("{} parameters, 64 pixels through 12 numbers", Tied::PARAMS);
    println!("on digits that it has never seen: {}", net.evaluate(&test, &Mse::default(), RSquared::new())?);

    let seen: Vec<&[f32]> = test.inputs().chunks_exact(64).take(5).collect();
    let drawn = net.predict(&seen.concat())?;
    let drawn: Vec<&[f32]> = drawn.chunks_exact(64).collect();
    println!("\nwhat it is given");
    draw(8, 8, &seen, &[]);
    println!("what it makes of it");
    let error = |(a, b): (&&[f32], &&[f32])| {
        let sum: f32 = a.iter().zip(*b).map(|(a, b)| (a - b) * (a - b)).sum();
        format!("error {:.4}", sum / 64.0)
    };
    draw(8, 8, &drawn, &seen.iter().zip(&drawn).map(error).collect::<Vec<_>>());
    Ok(())
}
