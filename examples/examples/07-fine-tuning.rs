//! A trunk that has learned to tell ten digits apart helps to tell even from odd, for which there are thirty images only. It is
//! frozen: no gradient, no moments, nothing kept for a backward pass, and that is known when the program is compiled.
//!
//! ```text
//! cargo run --release --example fine-tuning
//! ```

use nanotorch::prelude::*;
use nanotorch_examples::{digits, smoke};

const TRUNK: &str = "trunk.safetensors";

/// What the tasks share.
#[model]
struct Trunk {
    fc1: Linear<64, 128>,
    relu1: Relu,
    fc2: Linear<128, 64>,
    relu2: Relu,
}

/// Ten digits.
#[model(input = [64])]
struct Digits {
    trunk: Trunk,
    head: Linear<64, 10>,
}

/// Even or odd, learned as a whole.
#[model(input = [64], batch = 64)]
struct Whole {
    trunk: Trunk,
    head: Linear<64, 2>,
}

/// Even or odd, with a trunk that is given.
#[model(input = [64], batch = 64)]
struct Tuned {
    #[frozen]
    trunk: Trunk,
    head: Linear<64, 2>,
}

// As large, but a step needs less memory. (Most of what is left is for packed matrices, whatever is trained.)
const _: () = assert!(Tuned::PARAMS == Whole::PARAMS && Tuned::TRAIN_BYTES < Whole::TRAIN_BYTES);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (long, short) = if smoke() { (1, 1) } else { (20, 60) };
    let (training, test): (Dataset<R1<64>>, _) = digits(1)?;

    let mut pretrained = Digits::new(1);
    let accuracy = learn(&mut *pretrained, &training, &test, long)?;
    println!("ten digits, {} images: {accuracy:.1} %", training.len());
    // A field is a model too: it is saved on its own, and loaded into the same field of another model.
    checkpoint::save(&pretrained.trunk, TRUNK)?;

    let (few, test) = (parity(&training, 30)?, parity(&test, usize::MAX)?);
    let mut tuned = Tuned::new(2);
    checkpoint::load(&mut tuned.trunk, TRUNK)?;
    let fine_tuned = learn(&mut *tuned, &few, &test, short)?;
    let from_scratch = learn(&mut *Whole::new(2), &few, &test, short)?;
    if tuned.trunk.values() != pretrained.trunk.values() {
        return Err("the frozen trunk has moved".into());
    }
    println!(
        "even or odd, {} images: {fine_tuned:.1} % with the trunk, {from_scratch:.1} % from scratch",
        few.len()
    );

    println!("                    trained parameters  their gradient  step of 64 samples");
    let line =
        |name, count, bytes| println!("{name:<16} {count:>21} {:>9} bytes {bytes:>13} bytes", 4 * count);
    line("whole", <Whole as Module>::Gradient::PARAMS, Whole::TRAIN_BYTES);
    line("frozen trunk", <Tuned as Module>::Gradient::PARAMS, Tuned::TRAIN_BYTES);
    Ok(())
}

/// The first images, with what is left of the digit divided by 2.
fn parity(set: &Dataset<R1<64>>, most: usize) -> Result<Dataset<R1<64>>, data::DataError> {
    Dataset::from_pairs(set.iter().take(most).map(|(image, digit)| (image, [digit[0] % 2])))
}

/// Trains a model; its accuracy on the test set, in percent.
fn learn<M: Model<Element = f32, Input = R1<64>>>(
    net: &mut M,
    training: &Dataset<R1<64>>,
    test: &Dataset<R1<64>>,
    epochs: usize,
) -> Result<f64, Box<dyn std::error::Error>> {
    let loss = CrossEntropy::default();
    Trainer::<M, 16>::new(loss, Adam::new(2e-3)).epochs(epochs).quiet().fit(net, training, None)?;
    let mut accuracy = Accuracy::new();
    net.evaluate(test, &loss, &mut accuracy)?;
    Ok(100.0 * accuracy.value())
}
