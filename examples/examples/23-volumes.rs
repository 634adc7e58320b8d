//! Tells solids apart by 3-D convolutions over volumes.
//!
//! The volumes are made here: a ball, a cube or a ring of random size and place, in noise as strong as the solid.
//!
//! ```text
//! cargo run --release --example volumes --features convolution
//! ```

use std::error::Error;

use nanotorch::data::Dataset;
use nanotorch::loss::CrossEntropy;
use nanotorch::optimizer::AdamW;
use nanotorch::prelude::*;
use nanotorch::train::{Accuracy, Evaluate, Trainer};

/// Voxels along each axis.
const SIDE: usize = 12;

/// Three kinds of solids.
#[model(input = [1, 12, 12, 12], batch = 32)]
pub struct Solids {
    conv1: Conv3d<1, 8, 3>,
    relu1: Relu,
    pool1: MaxPool3d<2>,
    conv2: Conv3d<8, 16, 3, Same>,
    relu2: Relu,
    mean: GlobalMaxPool,
    head: Linear<16, 3>,
}

/// One volume of a solid: 0 a ball, 1 a cube, 2 a ring.
fn volume(kind: usize, random: &mut Random) -> Vec<f32> {
    let mut between = |least: f64, most: f64| least + (most - least) * random.uniform_f64();
    let centre = [(); 3].map(|()| between(4.5, 6.5));
    let radius = between(2.5, 3.8);
    let mut numbers = Vec::with_capacity(SIDE * SIDE * SIDE);
    for index in 0..SIDE * SIDE * SIDE {
        let place = [index / SIDE / SIDE, index / SIDE % SIDE, index % SIDE];
        let [a, b, c] = [0, 1, 2].map(|axis| place[axis] as f64 - centre[axis]);
        let is_inside = match kind {
            0 => a * a + b * b + c * c < radius * radius,
            1 => a.abs().max(b.abs()).max(c.abs()) < 0.8 * radius,
            _ => ((b * b + c * c).sqrt() - radius).powi(2) + a * a < 1.7,
        };
        numbers.push((f64::from(u8::from(is_inside)) + 0.5 * random.normal()) as f32);
    }
    numbers
}

/// As many volumes, of all kinds in turn.
fn volumes(count: usize, seed: u64) -> Result<Dataset<R4<1, SIDE, SIDE, SIDE>>, Box<dyn Error>> {
    let mut random = Random::new(seed);
    let inputs = (0..count).flat_map(|index| volume(index % 3, &mut random)).collect();
    Ok(Dataset::new(inputs, (0..count).map(|index| (index % 3) as u32).collect())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let (epochs, count) = if smoke { (1, 96) } else { (8, 1200) };
    let (training, test) = (volumes(count, 1)?, volumes(300, 2)?);
    println!("{}", Solids::summary());
    let mut net = Solids::new(1);
    Trainer::<Solids, 32>::new(CrossEntropy::default(), AdamW::new(3e-3))
        .epochs(epochs)
        .metric(Accuracy::new())
        .fit(&mut net, &training, None)?;
    let evaluation = net.evaluate(&test, &CrossEntropy::default(), Accuracy::new())?;
    let accuracy = evaluation.score("accuracy").map_or(f64::NAN, |score| score.value);
    println!("test accuracy: {:.1} %", 100.0 * accuracy);
    Ok(())
}
