//! A convolutional network written with operators on a tape, on digits that are shifted a little each time they are seen.
//!
//! ```text
//! cargo run --release --example shifted --features tape,convolution
//! ```

use std::error::Error;

use nanotorch::data::Shift;
use nanotorch::prelude::*;
use nanotorch_examples::{digits, smoke};

/// Samples a step.
const BATCH: usize = 32;
/// A batch of images.
type Images = R4<BATCH, 1, 8, 8>;

/// The parameters, as PyTorch shapes them but for the last matrix, which is `[in, out]`.
struct Net {
    edges: Tensor<R4<16, 1, 3, 3>>,
    edges_bias: Tensor<R3<16, 1, 1>>,
    shapes: Tensor<R4<32, 16, 3, 3>>,
    shapes_bias: Tensor<R3<32, 1, 1>>,
    head: Tensor<R2<512, 10>>,
    head_bias: Tensor<R1<10>>,
}

/// The same on a tape.
#[derive(Clone, Copy)]
struct Parameters<'t> {
    edges: Var<'t, R4<16, 1, 3, 3>>,
    edges_bias: Var<'t, R3<16, 1, 1>>,
    shapes: Var<'t, R4<32, 16, 3, 3>>,
    shapes_bias: Var<'t, R3<32, 1, 1>>,
    head: Var<'t, R2<512, 10>>,
    head_bias: Var<'t, R1<10>>,
}

impl Net {
    fn new(seed: u64) -> Self {
        Net {
            edges: Tensor::kaiming_uniform(seed),
            edges_bias: Tensor::zeros(),
            shapes: Tensor::kaiming_uniform(seed + 1),
            shapes_bias: Tensor::zeros(),
            head: 0.05_f32 * Tensor::<R2<512, 10>>::normal(seed + 2),
            head_bias: Tensor::zeros(),
        }
    }

    fn on<'t>(&self, tape: Recording<'t>) -> Parameters<'t> {
        Parameters {
            edges: tape.variable(&self.edges),
            edges_bias: tape.variable(&self.edges_bias),
            shapes: tape.variable(&self.shapes),
            shapes_bias: tape.variable(&self.shapes_bias),
            head: tape.variable(&self.head),
            head_bias: tape.variable(&self.head_bias),
        }
    }

    /// One step of gradient descent; returns the loss before it.
    fn step(
        &mut self,
        tape: &mut Tape,
        x: &View<Images>,
        labels: &[u32],
        rate: f32,
    ) -> Result<f32, TapeError> {
        tape.record(|tape| {
            let p = self.on(tape);
            let loss = scores(tape.constant(x), p).loss(CrossEntropy::default(), labels)?;
            loss.backward()?;
            p.edges.with_grad(|gradient| self.edges -= rate * gradient);
            p.edges_bias.with_grad(|gradient| self.edges_bias -= rate * gradient);
            p.shapes.with_grad(|gradient| self.shapes -= rate * gradient);
            p.shapes_bias.with_grad(|gradient| self.shapes_bias -= rate * gradient);
            p.head.with_grad(|gradient| self.head -= rate * gradient);
            p.head_bias.with_grad(|gradient| self.head_bias -= rate * gradient);
            Ok(loss.item())
        })
    }
}

/// One channel of 8 x 8 becomes 16 of 4 x 4, then 32, then ten scores. The compiler compares each shape that is written here.
fn scores<'t>(x: Var<'t, Images>, p: Parameters<'t>) -> Var<'t, R2<BATCH, 10>> {
    let edges = (x.conv2d::<Same, R4<BATCH, 16, 8, 8>>(&p.edges) + p.edges_bias).relu();
    let small = edges.max_pool2d::<2, (), R4<BATCH, 16, 4, 4>>();
    let shapes = small.conv2d::<Same, R4<BATCH, 32, 4, 4>>(&p.shapes) + p.shapes_bias;
    let normal = shapes.group_norm::<4>(1e-5).relu();
    normal.reshape::<R2<BATCH, 512>>().matmul(&p.head) + p.head_bias
}

/// How many of the whole batches' labels have the highest score, as a fraction.
fn accuracy(net: &Net, tape: &mut Tape, set: &Dataset<R3<1, 8, 8>>) -> Result<f64, Box<dyn Error>> {
    let (mut right, mut seen) = (0, 0);
    for batch in set.chunks(BATCH).filter(|batch| batch.len == BATCH) {
        let x = View::<Images>::from_slice(batch.inputs)?;
        let scores = tape.record(|tape| tape.no_grad(|| scores(tape.constant(x), net.on(tape)).value()));
        let guesses = scores.along::<R1<1>>().argmax()?;
        right +=
            guesses.iter().zip(batch.targets).filter(|(guess, label)| **guess == i64::from(**label)).count();
        seen += BATCH;
    }
    Ok(100.0 * right as f64 / seen as f64)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (train, test) = digits::<R3<1, 8, 8>>(7)?;
    let (epochs, mut tape) = (if smoke() { 1 } else { 20 }, Tape::new());
    for (name, most) in [("as they are", 0), ("shifted", 1)] {
        let mut net = Net::new(1);
        let mut batches = train.batches::<BATCH>(7).augmented(Shift { rows: most, columns: most }, 7);
        for epoch in 0..epochs {
            batches.start_epoch(epoch);
            while let Some(batch) = batches.next_batch() {
                if batch.len == BATCH {
                    let x = View::<Images>::from_slice(batch.inputs)?;
                    net.step(&mut tape, x, batch.targets, 0.1)?;
                }
            }
        }
        let plain = accuracy(&net, &mut tape, &test)?;
        let moved = accuracy(&net, &mut tape, &test.augmented(&Shift { rows: 1, columns: 1 }, 9))?;
        println!(
            "trained on digits {name}: {plain:.1} % of the test right, {moved:.1} % if those are shifted"
        );
    }
    Ok(())
}
