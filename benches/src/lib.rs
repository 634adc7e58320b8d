//! The models of the benchmarks, for the workloads (`src/main.rs`) and for `cargo bench` (`benches/steps.rs`).

mod by_hand;

pub use by_hand::TinyByHand;
use nanotorch::prelude::*;

/// `mlp-tiny`: a controller's network.
#[model(input = [4], batch = 32)]
pub struct Tiny {
    fc1: Linear<4, 16>,
    tanh1: Tanh,
    fc2: Linear<16, 16>,
    tanh2: Tanh,
    head: Linear<16, 2>,
}

/// `mlp-mnist`: a dense network for images of digits.
#[model(input = [784], batch = 64)]
pub struct Mnist {
    fc1: Linear<784, 512>,
    relu1: Relu,
    fc2: Linear<512, 256>,
    relu2: Relu,
    head: Linear<256, 10>,
}

/// `cnn-lenet`: a convolutional network for images of digits.
#[model(input = [1, 28, 28], batch = 64)]
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
