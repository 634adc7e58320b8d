//! Dense networks: a training step and an inference of one sample, in microseconds.
//!
//! A step is forward, loss, backward and the optimizer's change, over eight batches in turn that lie in memory.

use std::hint::black_box;

use nanotorch::loss::{CrossEntropy, Loss, Mse};
use nanotorch::model::OutputOf;
use nanotorch::optimizer::{Adam, Optimizer, Sgd};
use nanotorch::prelude::*;
use nanotorch::run::{Inference, Training};
use nanotorch::shape::Batch;

use crate::measure::{Shares, numbers};
use crate::{Mnist, Options, Tiny};

/// How many batches take turns.
pub(crate) const BATCHES: usize = 8;

/// `mlp-tiny`: 4-16-16-2, tanh, batch 32, mean squared error, SGD.
pub(crate) fn tiny(options: Options<'_>) {
    let mut model = Tiny::new(1);
    let targets = numbers(BATCHES * 32 * 2, 1.0);
    let optimizer = Sgd::new(1e-3).build::<Tiny>();
    workload::<Tiny, Const<32>, _, _>("mlp-tiny", options, &mut model, optimizer, Mse::default(), &targets);
}

/// `mlp-mnist`: 784-512-256-10, ReLU, batch 64, cross-entropy, Adam.
pub(crate) fn mnist(options: Options<'_>) {
    let mut model = Mnist::new(1);
    let targets: Vec<u32> = (0..BATCHES * 64).map(|sample| (sample * 7 % 10) as u32).collect();
    let optimizer = Adam::new(1e-4).build::<Mnist>();
    let loss = CrossEntropy::default();
    workload::<Mnist, Const<64>, _, _>("mlp-mnist", options, &mut model, optimizer, loss, &targets);
}

/// Prints the lines of one workload: half of the time goes to training steps, half to inferences.
pub(crate) fn workload<M, B, L, O>(
    name: &str,
    options: Options<'_>,
    model: &mut M,
    mut optimizer: O,
    loss: L,
    targets: &[L::Target],
) where
    M: Model<Element = f32>,
    B: Batch,
    L: Loss<OutputOf<M>, f32>,
    O: Optimizer<M>,
{
    let sample = <M::Input as Shape>::LEN;
    let inputs = numbers(BATCHES * B::N * sample, 1.0);
    let mut shares = Shares::new(name, options, 2);
    let (inputs_of, targets_of) = (B::N * sample, B::N * L::TARGETS);
    let mut training = Training::<M, B>::new(1).threads(options.threads);
    let mut turn = 0;
    let mut step = || {
        let x = &inputs[turn * inputs_of..][..inputs_of];
        let y = &targets[turn * targets_of..][..targets_of];
        turn = (turn + 1) % BATCHES;
        let loss = training.step(model, &mut optimizer, &loss, black_box(x), black_box(y));
        let Ok(value) = black_box(loss) else { panic!("the batch fits the model by construction") };
        assert!(value.is_finite(), "the loss must stay finite");
    };
    shares.calls("train", &mut step);
    let allocations = allocation_counter::measure(|| (0..BATCHES).for_each(|_| step())).count_total;

    let mut inference = Inference::<M, Const<1>>::new().threads(options.threads);
    shares.calls("infer_b1", || {
        turn = (turn + 1) % BATCHES;
        let x = &inputs[turn * sample..][..sample];
        let _ = black_box(inference.run(model, black_box(x)));
    });
    shares.print("heap_allocs_per_step", allocations as f64 / BATCHES as f64);
}
