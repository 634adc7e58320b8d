//! Convolutional networks: a training step and an inference of one sample, on one thread.

use nanotorch::loss::CrossEntropy;
use nanotorch::optimizer::Adam;
use nanotorch::prelude::*;

use crate::mlp::{BATCHES, workload};
use crate::{LeNet, Options};

/// `cnn-lenet`: two convolutions of 5 by 5, two dense layers, batch 64, cross-entropy, Adam.
pub(crate) fn lenet(options: Options<'_>) {
    let mut model = LeNet::new(1);
    let targets: Vec<u32> = (0..BATCHES * 64).map(|sample| (sample * 7 % 10) as u32).collect();
    let optimizer = Adam::new(1e-4).build::<LeNet>();
    let loss = CrossEntropy::default();
    workload::<LeNet, Const<64>, _, _>("cnn-lenet", options, &mut model, optimizer, loss, &targets);
}

/// Windows of 3 by 3 as deeper networks have them, on small colour images.
#[model(input = [3, 32, 32], batch = 32)]
struct Deep {
    conv1: Conv2d<3, 32, 3, Same>,
    relu1: Relu,
    conv2: Conv2d<32, 32, 3, Same>,
    relu2: Relu,
    pool1: MaxPool2d<2>,
    conv3: Conv2d<32, 64, 3, Same>,
    relu3: Relu,
    conv4: Conv2d<64, 64, 3, Same>,
    relu4: Relu,
    pool2: MaxPool2d<2>,
    conv5: Conv2d<64, 128, 3, Same>,
    relu5: Relu,
    conv6: Conv2d<128, 128, 3, Same>,
    relu6: Relu,
    pool3: GlobalAvgPool,
    head: Linear<128, 10>,
}

/// `cnn-deep`: six convolutions of 3 by 3 from 32 to 128 channels, 32 by 32 to 8 by 8 pixels, batch 32, cross-entropy, Adam.
pub(crate) fn deep(options: Options<'_>) {
    let mut model = Deep::new(1);
    let targets: Vec<u32> = (0..BATCHES * 32).map(|sample| (sample * 7 % 10) as u32).collect();
    let optimizer = Adam::new(1e-4).build::<Deep>();
    let loss = CrossEntropy::default();
    workload::<Deep, Const<32>, _, _>("cnn-deep", options, &mut model, optimizer, loss, &targets);
}

/// As deeper networks are built today: each convolution is normalised.
#[model(input = [3, 32, 32], batch = 32)]
struct Normalised {
    conv1: Conv2d<3, 32, 3, (Same, NoBias)>,
    norm1: BatchNorm<32>,
    relu1: Relu,
    conv2: Conv2d<32, 32, 3, (Stride<2>, Padding<1>, NoBias)>,
    norm2: BatchNorm<32>,
    relu2: Relu,
    conv3: Conv2d<32, 64, 3, (Same, NoBias)>,
    norm3: BatchNorm<64>,
    relu3: Relu,
    conv4: Conv2d<64, 64, 3, (Same, NoBias)>,
    norm4: BatchNorm<64>,
    relu4: Relu,
    pool: GlobalAvgPool,
    head: Linear<64, 10>,
}

/// `cnn-norm`: four convolutions of 3 by 3 with batch normalisation, 32 by 32 pixels, batch 32, cross-entropy, Adam.
pub(crate) fn normalised(options: Options<'_>) {
    let mut model = Normalised::new(1);
    let targets: Vec<u32> = (0..BATCHES * 32).map(|sample| (sample * 7 % 10) as u32).collect();
    let optimizer = Adam::new(1e-4).build::<Normalised>();
    let loss = CrossEntropy::default();
    workload::<Normalised, Const<32>, _, _>("cnn-norm", options, &mut model, optimizer, loss, &targets);
}
