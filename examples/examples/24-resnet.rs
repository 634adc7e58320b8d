//! A small residual network with batch normalisation, on the digits of 8 x 8 pixels that are built in, shifted at random as it
//! learns.
//!
//! ```text
//! cargo run --release --example resnet --features convolution
//! ```

use std::error::Error;

use nanotorch::data::{Dataset, Shift, digits};
use nanotorch::loss::CrossEntropy;
use nanotorch::optimizer::AdamW;
use nanotorch::prelude::*;
use nanotorch::schedule::Cosine;
use nanotorch::train::{Accuracy, Evaluate, Trainer};

/// The 1,797 digits of 8 x 8 pixels that scikit-learn ships.
const DIGITS: &[u8] = include_bytes!("../data/digits.csv.gz");

/// Two convolutions, and what goes past them.
#[model(forward)]
pub struct Block<const C: usize> {
    conv1: Conv2d<C, C, 3, (Same, NoBias)>,
    norm1: BatchNorm<C>,
    conv2: Conv2d<C, C, 3, (Same, NoBias)>,
    norm2: BatchNorm<C>,
}

#[forward]
impl<const C: usize> Block<C> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.norm1.forward(self.conv1.forward(x)).relu();
        let h = self.norm2.forward(self.conv2.forward(h));
        (h + x).relu()
    }
}

/// A block that halves height and width; what goes past it is brought to the same shape.
#[model(forward)]
pub struct Down<const IN: usize, const OUT: usize> {
    conv1: Conv2d<IN, OUT, 3, (Stride<2>, Padding<1>, NoBias)>,
    norm1: BatchNorm<OUT>,
    conv2: Conv2d<OUT, OUT, 3, (Same, NoBias)>,
    norm2: BatchNorm<OUT>,
    past: Conv2d<IN, OUT, 1, (Stride<2>, NoBias)>,
    norm3: BatchNorm<OUT>,
}

#[forward]
impl<const IN: usize, const OUT: usize> Down<IN, OUT> {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.norm1.forward(self.conv1.forward(x)).relu();
        let h = self.norm2.forward(self.conv2.forward(h));
        (h + self.norm3.forward(self.past.forward(x))).relu()
    }
}

/// Eight by eight pixels, then four by four.
#[model(input = [1, 8, 8], batch = 32)]
pub struct ResNet {
    conv: Conv2d<1, 16, 3, (Same, NoBias)>,
    norm: BatchNorm<16>,
    relu: Relu,
    first: [Block<16>; 2],
    down: Down<16, 32>,
    second: [Block<32>; 1],
    mean: GlobalAvgPool,
    head: Linear<32, 10>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let all: Dataset<R3<1, 8, 8>> = digits::read(DIGITS)?;
    let (training, test) = all.split(0.8, 1);
    println!("{}", ResNet::summary());
    let epochs = if smoke { 1 } else { 15 };
    let steps = (epochs * training.len().div_ceil(32)) as u64;
    let mut net = ResNet::new(1);
    Trainer::<ResNet, 32>::new(CrossEntropy::default(), AdamW::new(1e-3).weight_decay(0.01))
        .epochs(epochs)
        .metric(Accuracy::new())
        .schedule(Cosine::new(4e-3, steps).warm_up(steps / 20))
        .augment(Shift { rows: 1, columns: 1 })
        .fit(&mut net, &training, None)?;
    let evaluation = net.evaluate(&test, &CrossEntropy::default(), Accuracy::new())?;
    let accuracy = evaluation.score("accuracy").map_or(f64::NAN, |score| score.value);
    println!("test accuracy: {:.1} %", 100.0 * accuracy);
    Ok(())
}
