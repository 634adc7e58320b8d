//! Weights to PyTorch and back: one file format, the same names and shapes.
//!
//! ```text
//! cargo run --release --example pytorch-weights                              # trains, writes to-pytorch.safetensors
//! python examples/examples/04-pytorch-weights.py                            # reads it, trains on, writes from-pytorch.safetensors
//! cargo run --release --example pytorch-weights -- from-pytorch.safetensors  # reads that
//! ```

use nanotorch::checkpoint::Checkpoint;
use nanotorch::prelude::*;
use nanotorch_examples::{digits, smoke};

const TO: &str = "to-pytorch.safetensors";

/// In PyTorch a `torch.nn.Module` with `fc1 = nn.Linear(64, 32)`, `fc2 = nn.Linear(32, 10)` and a ReLU between them.
#[model(input = [64])]
struct Net {
    fc1: Linear<64, 32>,
    relu: Relu,
    fc2: Linear<32, 10>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (training, test) = digits(1)?;
    let loss = CrossEntropy::default();
    let mut net = Net::new(1);
    if let Some(file) = std::env::args().skip(1).find(|argument| argument != "--smoke") {
        // All of it or nothing: if a tensor is missing or has another shape, the error names it and the model stays as it was.
        checkpoint::load(&mut *net, &file)?;
        println!("{file}: {}", net.evaluate(&test, &loss, Accuracy::new())?);
        return Ok(());
    }

    let trainer = Trainer::<Net, 32>::new(loss, Adam::new(2e-3)).epochs(if smoke() { 1 } else { 10 });
    trainer.metric(Accuracy::new()).fit(&mut net, &training, None)?;
    checkpoint::save(&*net, TO)?;
    println!("{TO} holds");
    for (name, shape) in Checkpoint::open(TO)?.tensors() {
        println!("  {name:<12} {shape:?}");
    }
    println!("on the test set: {}", net.evaluate(&test, &loss, Accuracy::new())?);

    // What PyTorch has to say to one image, to be compared with what the script prints.
    let image: Vec<f32> = (0..64).map(|pixel| (pixel % 17) as f32 / 16.0).collect();
    println!("the outputs for an image of x[i] = (i % 17) / 16: {:.5?}", net.predict(&image)?);

    // A file of another model is refused.
    let mut other = Other::new(1);
    if let Err(error) = checkpoint::load(&mut *other, TO) {
        println!("\nloaded into a model with 16 hidden features: {error}");
    }
    Ok(())
}

/// A model that the weights don't fit.
#[model(input = [64])]
struct Other {
    fc1: Linear<64, 16>,
    relu: Relu,
    fc2: Linear<16, 10>,
}
