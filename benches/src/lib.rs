//! The models of the benchmarks, for the workloads (`src/main.rs`) and for `cargo bench` (`benches/steps.rs`).

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
