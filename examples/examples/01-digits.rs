//! Trains a dense network on handwritten digits, says how good it is, keeps its weights, and shows what it sees.
//!
//! ```text
//! cargo run --release --example digits
//! cargo run --release --example digits -- --data DIR    # MNIST's four IDX files, plain or .gz
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use nanotorch::data::idx;
use nanotorch::model::OutputOf;
use nanotorch::prelude::*;
use nanotorch::summary::Summary;
use nanotorch_examples::{digits, draw};

/// Samples a step.
const BATCH: usize = 32;

/// For images of 8 x 8.
#[model(input = [8, 8], batch = BATCH)]
struct Digits {
    flatten: Flatten,
    fc1: Linear<64, 256>,
    relu1: Relu,
    dropout1: Dropout<30>,
    fc2: Linear<256, 128>,
    relu2: Relu,
    dropout2: Dropout<30>,
    head: Linear<128, 10>,
}

/// For MNIST's images of 28 x 28.
#[model(input = [28, 28], batch = BATCH)]
struct Mnist {
    flatten: Flatten,
    fc1: Linear<784, 512>,
    relu1: Relu,
    dropout1: Dropout<30>,
    fc2: Linear<512, 256>,
    relu2: Relu,
    dropout2: Dropout<30>,
    head: Linear<256, 10>,
}

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)).and_then(|options| options.map_or(Ok(()), run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    match &options.data {
        None => {
            let (training, test) = digits(options.seed)?;
            learn::<Digits>(&options, "digits.safetensors", 40, &training, &test)
        }
        Some(folder) => {
            let (training, test) = idx::open_mnist(folder)?;
            learn::<Mnist>(&options, "mnist.safetensors", 10, &training, &test)
        }
    }
}

/// Everything that there is to do with one model.
fn learn<M: Model<Element = f32>>(
    options: &Options,
    file: &str,
    epochs: usize,
    training: &Dataset<M::Input>,
    test: &Dataset<M::Input>,
) -> Result<(), Box<dyn Error>> {
    println!("{}", Summary::of::<M>(BATCH));
    println!("{} samples to learn from, {} to be tested with", training.len(), test.len());

    let epochs = options.epochs.unwrap_or(epochs);
    let steps = (epochs * training.len().div_ceil(BATCH)) as u64;
    let mut net = model::new::<M>(options.seed);
    let history = Trainer::<M, BATCH>::new(CrossEntropy::default(), AdamW::new(1e-3).weight_decay(0.01))
        .epochs(epochs)
        .seed(options.seed)
        .threads(options.threads)
        .metric(Accuracy::new())
        .schedule(Cosine::new(2e-3, steps).warm_up(steps / 20))
        .fit(&mut net, training, None)?;
    let seconds: f64 = history.epochs.iter().map(|epoch| epoch.seconds).sum();
    println!("{epochs} epochs, {steps} steps in {seconds:.2} s");

    let evaluation = net.evaluate(test, &CrossEntropy::default(), Accuracy::new())?;
    let accuracy = evaluation.score("accuracy").map_or(f64::NAN, |score| score.value);
    println!("test accuracy: {:.1} %", 100.0 * accuracy);

    let file = options.weights.clone().unwrap_or_else(|| file.into());
    checkpoint::save(&*net, &file)?;
    let mut again = model::new::<M>(options.seed + 1);
    checkpoint::load(&mut *again, &file)?;
    if net.predict(test.inputs())? != again.predict(test.inputs())? {
        return Err(format!("the weights in {} don't give the same answers", file.display()).into());
    }
    println!("saved to {}; a fresh model that loads it gives the same answers\n", file.display());

    show::<M>(&net, test)
}

/// Draws a few images, with what the model takes them for.
fn show<M: Model<Element = f32>>(net: &M, test: &Dataset<M::Input>) -> Result<(), Box<dyn Error>> {
    const COLUMNS: usize = 96;
    let dims = <M::Input as Shape>::dims();
    let (height, width) = (dims[0], dims[1]);
    // Large images are drawn at half their size, and a pixel is two columns wide.
    let columns = if width > 16 { width } else { 2 * width };
    let count = (COLUMNS / (columns + 2)).clamp(1, test.len());
    let images: Vec<_> = test.inputs().chunks_exact(height * width).take(count).collect();
    let logits = net.predict(&images.concat())?;
    let caption = |(logits, target): (&[f32], &u32)| {
        let (guess, sureness) = most_likely(logits);
        let verdict = if guess == *target as usize { "right" } else { "wrong" };
        format!("{guess}, {verdict}, {:.0} %", 100.0 * sureness)
    };
    let logits = logits.chunks_exact(<OutputOf<M> as Shape>::LEN);
    let captions: Vec<_> = logits.zip(test.targets()).map(caption).collect();
    draw(height, width, &images, &captions);
    Ok(())
}

/// The class with the largest logit, and its probability.
fn most_likely(logits: &[f32]) -> (usize, f32) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let class = logits.iter().position(|&logit| logit == largest).unwrap_or(0);
    (class, 1.0 / logits.iter().map(|logit| (logit - largest).exp()).sum::<f32>())
}

/// What was asked for on the command line.
struct Options {
    data: Option<PathBuf>,
    weights: Option<PathBuf>,
    epochs: Option<usize>,
    seed: u64,
    threads: usize,
}

impl Options {
    const USAGE: &str =
        "usage: digits [--data DIR] [--weights FILE] [--epochs N] [--seed N] [--threads N] [--smoke]
  --data DIR      learn MNIST from its four IDX files, plain or .gz, instead of the digits that are built in
  --weights FILE  where to save the weights
  --epochs N      how many times to see every sample
  --seed N        of split, initial weights, order and dropout; by default 1
  --threads N     how many work on a step; by default 1, whatever it is the result is the same
  --smoke         two epochs, to see whether it runs";

    /// The options; none if only help was asked for.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, Box<dyn Error>> {
        let mut options = Options { data: None, weights: None, epochs: None, seed: 1, threads: 1 };
        while let Some(name) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{name} needs a value"));
            match name.as_str() {
                "--data" => options.data = Some(value()?.into()),
                "--weights" => options.weights = Some(value()?.into()),
                "--epochs" => options.epochs = Some(number(&name, &value()?)?),
                "--seed" => options.seed = number(&name, &value()?)? as u64,
                "--threads" => options.threads = number(&name, &value()?)?,
                "--smoke" => options.epochs = Some(2),
                "--help" | "-h" => {
                    println!("{}", Self::USAGE);
                    return Ok(None);
                }
                _ => return Err(format!("there is no option `{name}`\n{}", Self::USAGE).into()),
            }
        }
        Ok(Some(options))
    }
}

fn number(name: &str, text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{name} takes a whole number, and `{text}` is none"))
}
