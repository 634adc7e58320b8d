//! Batch normalisation in models: running statistics follow the batches, inference uses them, optimizers leave them alone.

use nanotorch::loss::Mse;
use nanotorch::model::{Role, for_each_parameter};
use nanotorch::optimizer::{Adam, Sgd};
use nanotorch::prelude::*;
use nanotorch::run::{Inference, Training};

#[model]
struct Block {
    norm: BatchNorm<2, Momentum<25>>,
    relu: Relu,
}

#[model(input = [2, 3])]
struct Net {
    norm: BatchNorm<2>,
    blocks: [Block; 2],
    flatten: Flatten,
    fc: Linear<6, 1>,
    last: BatchNorm<1>,
}

/// A net that gives the running statistics of its input away.
#[model(input = [2, 3])]
struct First {
    norm: BatchNorm<2>,
}

const INPUTS: [f32; 18] = [
    1.0, 2.0, 3.0, -4.0, 0.5, 9.0, //
    2.0, 2.5, -1.0, 3.0, 3.5, 8.0, //
    0.0, 7.0, 4.0, -2.0, 1.5, 6.0,
];

/// The mean of a channel in all samples, and the variance with one taken off the count.
fn statistics(channel: usize) -> (f64, f64) {
    let numbers: Vec<f64> =
        (0..18).filter(|index| index / 3 % 2 == channel).map(|index| f64::from(INPUTS[index])).collect();
    let mean = numbers.iter().sum::<f64>() / 9.0;
    (mean, numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 8.0)
}

#[test]
fn running_statistics_follow_the_batches() {
    let mut net = First::new(1);
    let mut training = Training::<First, UpTo<4>>::new(1);
    let mut optimizer = Sgd::new(0.0).build::<First>();
    let targets = [0.0; 18];
    for step in 1..=3 {
        training.step(&mut *net, &mut optimizer, &Mse::default(), &INPUTS, &targets).unwrap();
        let left = 0.9_f64.powi(step);
        for channel in 0..2 {
            let (mean, variance) = statistics(channel);
            let expected = [(1.0 - left) * mean, left + (1.0 - left) * variance];
            let got = [net.norm.running_mean[channel], net.norm.running_var[channel]];
            for (got, expected) in got.into_iter().zip(expected) {
                assert!((f64::from(got) - expected).abs() < 1e-5, "step {step}: {got}, not {expected}");
            }
        }
    }
    assert_eq!((net.norm.weight, net.norm.bias), ([1.0; 2], [0.0; 2]));

    // At inference a sample's numbers don't depend on what is beside it.
    let mut inference = Inference::<First, UpTo<4>>::new();
    let outputs = inference.run(&net, &INPUTS[..6]).unwrap();
    for (index, (x, y)) in INPUTS.iter().zip(outputs).enumerate() {
        let (mean, variance) = (net.norm.running_mean[index / 3], net.norm.running_var[index / 3]);
        assert!((y - (x - mean) / (variance + 1e-5).sqrt()).abs() < 1e-5);
    }
}

#[test]
fn gradients_alone_change_nothing_until_they_are_applied() {
    let (mut net, mut training) = (First::new(1), Training::<First, UpTo<4>>::new(1));
    let mut optimizer = Sgd::new(0.0).build::<First>();
    training.apply(&mut *net, &mut optimizer);
    assert_eq!((net.norm.running_mean, net.norm.running_var), ([0.0; 2], [1.0; 2]));
    training.gradients(&*net, &Mse::default(), &INPUTS, &[0.0; 18]).unwrap();
    assert_eq!((net.norm.running_mean, net.norm.running_var), ([0.0; 2], [1.0; 2]));
    training.apply(&mut *net, &mut optimizer);
    let (mean, _) = statistics(1);
    assert!((f64::from(net.norm.running_mean[1]) - 0.1 * mean).abs() < 1e-6);
}

#[test]
fn buffers_have_names_and_no_gradient() {
    let mut names = Vec::new();
    for_each_parameter::<Net>(|parameter| {
        assert_eq!(parameter.role == Role::Buffer, parameter.path.to_string().contains("running_"));
        assert_eq!(parameter.gradient_range().is_some(), parameter.role == Role::Trained);
        names.push(parameter.path.to_string());
    });
    assert_eq!(names[..4], ["norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"]);
    assert!(names.contains(&"blocks.1.norm.running_var".to_owned()));
    assert_eq!(<Net as Parameters>::BUFFERS, 4 + 2 * 4 + 2);
    assert_eq!(<<Net as Module>::Gradient as Parameters>::PARAMS, Net::PARAMS - <Net as Parameters>::BUFFERS);
}

#[test]
fn nested_norms_learn() {
    let (mut net, mut training) = (Net::new(3), Training::<Net, UpTo<4>>::new(1));
    let mut optimizer = Adam::new(0.05).build::<Net>();
    let targets = [0.5, -1.0, 1.5];
    let first = training.step(&mut *net, &mut optimizer, &Mse::default(), &INPUTS, &targets).unwrap();
    let mut last = first;
    for _ in 0..200 {
        last = training.step(&mut *net, &mut optimizer, &Mse::default(), &INPUTS, &targets).unwrap();
    }
    assert!(last < 0.1 * first, "{first} became {last}");
    // The statistics have settled: inference gives what training gave, but for variances with one taken off a count of three.
    let mut inference = Inference::<Net, UpTo<4>>::new();
    let outputs = inference.run(&net, &INPUTS).unwrap();
    for (output, trained) in outputs.iter().zip(training.outputs()) {
        assert!((output - trained).abs() < 0.5, "{output} is not near {trained}");
    }
    assert!(net.blocks[0].norm.running_var != net.blocks[1].norm.running_var);
}
