//! The loop that `fit` hides, in the open: batches, gradients, clipping, the learning rate, the step, and a look at the test set.
//!
//! ```text
//! cargo run --release --example loop-by-hand
//! ```

use nanotorch::optimizer::{clip_norm, first_non_finite};
use nanotorch::prelude::*;
use nanotorch_examples::{digits, smoke};

/// 64 pixels, 10 digits.
#[model(input = [64], batch = 32)]
struct Net {
    fc1: Linear<64, 128>,
    gelu: Gelu,
    fc2: Linear<128, 10>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let epochs = if smoke() { 2 } else { 20 };
    let (training, test): (Dataset<R1<64>>, _) = digits(1)?;

    // Everything with a state is made here, and from here on nothing is allocated.
    let mut net = Net::new(1);
    let mut memory = Training::<Net, UpTo<32>>::new(1);
    let mut inference = Inference::<Net, UpTo<32>>::new();
    let mut optimizer = AdamW::new(0.0).weight_decay(0.01).build::<Net>();
    let mut batches = training.batches::<32>(1);
    let schedule = Cosine::new(3e-3, (epochs * batches.len()) as u64).warm_up(20);
    let loss = CrossEntropy { smoothing: 0.05, ..CrossEntropy::default() };

    println!(
        "a step works in {} bytes, and the optimizer keeps two numbers for each of {}",
        Net::TRAIN_BYTES,
        Net::PARAMS
    );
    for epoch in 1..=epochs {
        batches.start_epoch(epoch as u64);
        let (mut sum, mut steepest) = (0.0, 0.0_f64);
        while let Some(batch) = batches.next_batch() {
            // Forward, loss, backward: the gradient is a value of its own, a struct with the model's fields.
            let value = memory.gradients(&net, &loss, batch.inputs, batch.targets)?;
            sum += f64::from(value) * batch.len as f64;

            // Whatever one wants to do with it.
            let gradient = memory.gradient_mut();
            if let Some(found) = first_non_finite(gradient) {
                return Err(format!("epoch {epoch}: {found}").into());
            }
            steepest = steepest.max(clip_norm(gradient, 1.0));

            // The step.
            optimizer.set_learning_rate(schedule.rate(optimizer.steps()));
            memory.apply(&mut net, &mut optimizer);
        }

        // Dropout and the like do nothing in an inference; here there is none, but the type says so all the same.
        let mut right = 0;
        for batch in test.chunks(32) {
            let logits = inference.run(&net, batch.inputs)?;
            let rows = logits.chunks_exact(10).zip(batch.targets);
            right += rows.filter(|(row, target)| class(row) == **target).count();
        }
        println!(
            "epoch {epoch:>2}: loss {:.4}, largest norm of a gradient {steepest:.2}, test accuracy: {:.1} %",
            sum / training.len() as f64,
            100.0 * right as f64 / test.len() as f64
        );
    }
    Ok(())
}

/// The class with the largest logit.
fn class(logits: &[f32]) -> u32 {
    let mut largest = 0;
    for (place, logit) in logits.iter().enumerate() {
        if *logit > logits[largest] {
            largest = place;
        }
    }
    largest as u32
}
