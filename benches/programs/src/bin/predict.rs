//! `predict WEIGHTS IMAGE`: loads a trained `mlp-mnist` and names the digit in 784 bytes of pixels. The program whose size and
//! build time the workload `build` measures.

use nanotorch::prelude::*;
use nanotorch::{checkpoint, run::Inference};

/// A dense network for images of digits.
#[model(input = [784])]
struct Mnist {
    fc1: Linear<784, 512>,
    relu1: Relu,
    fc2: Linear<512, 256>,
    relu2: Relu,
    head: Linear<256, 10>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(weights), Some(image)) = (arguments.next(), arguments.next()) else {
        return Err("usage: predict WEIGHTS IMAGE".into());
    };
    let mut model = Mnist::new(0);
    checkpoint::load(&mut *model, weights)?;
    let pixels: Vec<f32> = std::fs::read(image)?.into_iter().map(|pixel| f32::from(pixel) / 255.0).collect();
    let mut inference = Inference::<Mnist, Const<1>>::new();
    let logits = inference.run(&model, &pixels)?;
    let digit = (0..10).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    println!("{}", digit.unwrap_or_default());
    Ok(())
}
