//! A convolutional network for images of digits: a training step and an inference of one sample, on one thread.

use nanotorch::loss::CrossEntropy;
use nanotorch::optimizer::Adam;
use nanotorch::prelude::*;

use crate::Options;
use crate::mlp::{BATCHES, workload};

#[model(input = [1, 28, 28], batch = 64)]
struct LeNet {
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

/// `cnn-lenet`: two convolutions of 5 by 5, two dense layers, batch 64, cross-entropy, Adam.
pub(crate) fn lenet(options: Options) {
    let mut model = LeNet::new(1);
    let targets: Vec<u32> = (0..BATCHES * 64).map(|sample| (sample * 7 % 10) as u32).collect();
    let optimizer = Adam::new(1e-4).build::<LeNet>();
    let loss = CrossEntropy::default();
    workload::<LeNet, Const<64>, _, _>("cnn-lenet", options, &mut model, optimizer, loss, &targets);
}
