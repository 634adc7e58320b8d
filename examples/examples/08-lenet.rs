//! Trains LeNet, a convolutional network, on images of handwritten digits.
//!
//! ```text
//! cargo run --release --example lenet --features convolution                   # the digits of 8 x 8 pixels that are built in
//! cargo run --release --example lenet --features convolution -- --data DIR     # MNIST's four IDX files, plain or .gz
//! ```

use std::error::Error;
use std::path::PathBuf;

use nanotorch::data::{Dataset, digits, idx};
use nanotorch::loss::CrossEntropy;
use nanotorch::model;
use nanotorch::optimizer::AdamW;
use nanotorch::prelude::*;
use nanotorch::schedule::Cosine;
use nanotorch::summary::Summary;
use nanotorch::train::{Accuracy, Evaluate, Trainer};

/// The 1,797 digits of 8 x 8 pixels that scikit-learn ships.
const DIGITS: &[u8] = include_bytes!("../data/digits.csv.gz");

/// Samples a step.
const BATCH: usize = 64;

/// For MNIST: one channel of 28 x 28 becomes 8 of 24 x 24, of 12 x 12, 16 of 8 x 8, of 4 x 4.
#[model(input = [1, 28, 28], batch = BATCH)]
pub struct LeNet {
    conv1: Conv2d<1, 8, 5>,
    relu1: Relu,
    pool1: MaxPool2d<2>,
    conv2: Conv2d<8, 16, 5>,
    relu2: Relu,
    pool2: MaxPool2d<2>,
    flatten: Flatten,
    fc1: Linear<256, 128>,
    relu3: Relu,
    fc2: Linear<128, 10>,
}

/// The same idea for 8 x 8 pixels.
#[model(input = [1, 8, 8], batch = BATCH)]
pub struct Small {
    conv1: Conv2d<1, 16, 3, Same>,
    relu1: Relu,
    conv2: Conv2d<16, 32, 3, Same>,
    relu2: Relu,
    pool: MaxPool2d<2>,
    flatten: Flatten,
    dropout: Dropout<30>,
    fc: Linear<512, 10>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut data, mut epochs) = (None::<PathBuf>, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--data" => data = Some(arguments.next().ok_or("--data needs a folder")?.into()),
            "--epochs" => epochs = Some(arguments.next().ok_or("--epochs needs a number")?.parse()?),
            "--smoke" => epochs = Some(1),
            other => return Err(format!("`{other}` is none of --data DIR, --epochs N, --smoke").into()),
        }
    }
    match data {
        Some(folder) => {
            let (training, test) = idx::open_mnist(folder)?;
            learn::<LeNet>(epochs.unwrap_or(5), &training, &test)
        }
        None => {
            let all: Dataset<R3<1, 8, 8>> = digits::read(DIGITS)?;
            let (training, test) = all.split(0.8, 1);
            learn::<Small>(epochs.unwrap_or(20), &training, &test)
        }
    }
}

/// Trains and tests one model.
fn learn<M: Model<Element = f32>>(
    epochs: usize,
    training: &Dataset<M::Input>,
    test: &Dataset<M::Input>,
) -> Result<(), Box<dyn Error>> {
    println!("{}", Summary::of::<M>(BATCH));
    let steps = (epochs * training.len().div_ceil(BATCH)) as u64;
    let mut net = model::new::<M>(1);
    let history = Trainer::<M, BATCH>::new(CrossEntropy::default(), AdamW::new(1e-3).weight_decay(0.01))
        .epochs(epochs)
        .metric(Accuracy::new())
        .schedule(Cosine::new(3e-3, steps).warm_up(steps / 20))
        .fit(&mut net, training, None)?;
    let seconds: f64 = history.epochs.iter().map(|epoch| epoch.seconds).sum();
    println!("{epochs} epochs, {steps} steps in {seconds:.2} s");

    let evaluation = net.evaluate(test, &CrossEntropy::default(), Accuracy::new())?;
    let accuracy = evaluation.score("accuracy").map_or(f64::NAN, |score| score.value);
    println!("test accuracy: {:.1} %", 100.0 * accuracy);
    Ok(())
}
