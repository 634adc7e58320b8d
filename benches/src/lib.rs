//! Models and workloads of the benchmarks, for the program that prints figures (`src/main.rs`), for `cargo bench`
//! (`benches/workloads.rs`) and for the one that counts instructions (`src/bin/instructions.rs`).

mod build;
mod by_hand;
mod convolutional;
mod convolutions;
mod elementwise;
mod gemm;
mod measure;
mod mlp;
mod optimizer;
mod print;
mod tensor;

pub use by_hand::TinyByHand;
pub use measure::{Clock, Line, Unit};
pub use print::Printer;

use nanotorch::prelude::*;

/// A name, and what runs it.
pub type Workload = (&'static str, fn(Options<'_>));

/// How a workload is to be run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// For about so many seconds, where the clock takes its time from here.
    pub seconds: f64,
    /// On so many threads.
    pub threads: usize,
    /// Who measures.
    pub clock: &'a dyn Clock,
}

/// All workloads.
pub const WORKLOADS: [Workload; 12] = [
    ("mlp-tiny", mlp::tiny),
    ("mlp-mnist", mlp::mnist),
    ("cnn-lenet", convolutional::lenet),
    ("cnn-deep", convolutional::deep),
    ("cnn-norm", convolutional::normalised),
    ("convolutions", convolutions::layers),
    ("squares", convolutions::squares),
    ("gemm", gemm::run),
    ("elementwise", elementwise::run),
    ("optimizer", optimizer::run),
    ("build", build::run),
    ("tensor", tensor::run),
];

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
