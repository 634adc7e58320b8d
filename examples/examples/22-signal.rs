//! Tells heart beats apart by 1-D convolutions over a signal.
//!
//! The beats are made here: the waves P, Q, R, S and T of an electrocardiogram as bell curves, of random height, width and
//! place, on a base line that wanders, with noise. Of an extra beat of the ventricle the P wave is missing and QRS is wide; of
//! an ischaemic one the T wave is upside down and the S wave low.
//!
//! ```text
//! cargo run --release --example signal --features convolution
//! ```

use std::error::Error;

use nanotorch::data::Dataset;
use nanotorch::loss::CrossEntropy;
use nanotorch::optimizer::AdamW;
use nanotorch::prelude::*;
use nanotorch::train::{Accuracy, Evaluate, Trainer};

/// Numbers of a signal.
const LENGTH: usize = 128;

/// Three kinds of beats.
#[model(input = [1, 128], batch = 32)]
pub struct Beats {
    conv1: Conv1d<1, 8, 7, (Stride<2>, Padding<3>)>,
    relu1: Relu,
    conv2: Conv1d<8, 16, 5, (Dilation<2>, Padding<4>)>,
    norm: GroupNorm<4, 16>,
    relu2: Relu,
    pool: MaxPool1d<4>,
    conv3: Conv1d<16, 24, 3, Same>,
    relu3: Relu,
    mean: GlobalAvgPool,
    head: Linear<24, 3>,
}

/// Place, width and height of the waves P, Q, R, S, T, as parts of a beat and of R's height.
type Waves = [(f64, f64, f64); 5];

const NORMAL: Waves =
    [(0.2, 0.025, 0.15), (0.37, 0.01, -0.12), (0.4, 0.012, 1.0), (0.43, 0.012, -0.25), (0.65, 0.05, 0.3)];
const EXTRA: Waves =
    [(0.2, 0.025, 0.0), (0.33, 0.03, -0.1), (0.4, 0.04, 0.9), (0.5, 0.03, -0.35), (0.68, 0.05, -0.2)];
const ISCHAEMIC: Waves =
    [(0.2, 0.025, 0.15), (0.37, 0.01, -0.12), (0.4, 0.012, 0.9), (0.44, 0.025, -0.4), (0.65, 0.05, -0.25)];

/// One beat of the waves.
fn beat(waves: &Waves, random: &mut Random) -> Vec<f32> {
    let mut about = |middle: f64, spread: f64| middle + spread * random.normal();
    let (shift, height, wander, phase) =
        (about(0.0, 0.03), about(1.0, 0.15), about(0.0, 0.2), about(0.0, 2.0));
    let waves = waves.map(|(place, width, part)| {
        (about(place + shift, 0.01), (width * about(1.0, 0.15)).abs() + 1e-3, part * about(height, 0.2))
    });
    let place = |index: usize| index as f64 / LENGTH as f64;
    let curve = |at: f64| -> f64 {
        waves.iter().map(|(middle, width, part)| part * (-0.5 * ((at - middle) / width).powi(2)).exp()).sum()
    };
    let clean = (0..LENGTH).map(|index| curve(place(index)) + wander * (3.0 * place(index) + phase).sin());
    clean.map(|number| (number + 0.08 * random.normal()) as f32).collect()
}

/// As many beats, of all kinds in turn.
fn beats(count: usize, seed: u64) -> Result<Dataset<R2<1, LENGTH>>, Box<dyn Error>> {
    let mut random = Random::new(seed);
    let kinds = [NORMAL, EXTRA, ISCHAEMIC];
    let inputs = (0..count).flat_map(|index| beat(&kinds[index % 3], &mut random)).collect();
    Ok(Dataset::new(inputs, (0..count).map(|index| (index % 3) as u32).collect())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let (epochs, count) = if smoke { (1, 300) } else { (15, 3000) };
    let (training, test) = (beats(count, 1)?, beats(600, 2)?);
    println!("{}", Beats::summary());
    let mut net = Beats::new(1);
    Trainer::<Beats, 32>::new(CrossEntropy::default(), AdamW::new(2e-3))
        .epochs(epochs)
        .metric(Accuracy::new())
        .fit(&mut net, &training, None)?;
    let evaluation = net.evaluate(&test, &CrossEntropy::default(), Accuracy::new())?;
    let accuracy = evaluation.score("accuracy").map_or(f64::NAN, |score| score.value);
    println!("test accuracy: {:.1} %", 100.0 * accuracy);
    Ok(())
}
