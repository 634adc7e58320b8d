//! Trains two equal dense layers and runs them. The workload `build` compares the sizes of the programs of few and of many.

#[model(input = [256])]
struct Net {
    fc1: Linear<256, 256>,
    relu1: Relu,
    fc2: Linear<256, 256>,
    relu2: Relu,
}

include!("../equal_layers/step.rs");
