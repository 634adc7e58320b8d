//! The workloads in burn, on its backend Flex.

#[path = "../../measure.rs"]
mod measure;

use std::hint::black_box;

use burn::nn::loss::{CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::tensor::{TensorData, activation};
use measure::{BATCHES, Options, numbers};

fn main() {
    let options = Options::read("burn");
    match options.workload.as_str() {
        "mlp-tiny" => mlp(&options, [4, 16, 16, 2], 32, true),
        "mlp-mnist" => mlp(&options, [784, 512, 256, 10], 64, false),
        "elementwise" => elementwise(&options),
        _ => {}
    }
}

#[derive(Module, Debug)]
struct Net {
    first: Linear,
    second: Linear,
    head: Linear,
}

impl Net {
    fn forward(&self, x: Tensor<2>, tiny: bool) -> Tensor<2> {
        let activate = if tiny { activation::tanh } else { activation::relu };
        let x = activate(self.first.forward(x));
        let x = activate(self.second.forward(x));
        self.head.forward(x)
    }
}

fn mlp(options: &Options, [a, b, c, d]: [usize; 4], batch: usize, tiny: bool) {
    let plain = Device::flex();
    let device = plain.clone().autodiff();
    let net = |device: &Device| Net {
        first: LinearConfig::new(a, b).init(device),
        second: LinearConfig::new(b, c).init(device),
        head: LinearConfig::new(c, d).init(device),
    };
    let all = numbers(BATCHES * batch * a, 1.0);
    let x: Vec<Tensor<2>> =
        all.chunks(batch * a).map(|part| Tensor::from_data(TensorData::new(part.to_vec(), [batch, a]), &device)).collect();
    let target: Tensor<2> = Tensor::from_data(TensorData::new(numbers(batch * d, 1.0), [batch, d]), &device);
    let classes: Vec<i32> = (0..batch).map(|sample| (sample * 7 % 10) as i32).collect();
    let classes: Tensor<1, Int> = Tensor::from_data(TensorData::new(classes, [batch]), &device);
    let (mut sgd, mut adam) = (SgdConfig::new().init(), AdamConfig::new().init());
    let entropy = CrossEntropyLossConfig::new().init(&device);
    let mut model = Some(net(&device));
    let mut turn = 0;
    options.rounds("train", 0.5, || {
        turn = (turn + 1) % BATCHES;
        let now = model.take().unwrap();
        let y = now.forward(x[turn].clone(), tiny);
        let loss = if tiny {
            MseLoss::new().forward(y, target.clone(), Reduction::Mean)
        } else {
            entropy.forward(y, classes.clone())
        };
        let gradients = GradientsParams::from_grads(loss.backward(), &now);
        model = Some(if tiny { sgd.step(1e-3, now, gradients) } else { adam.step(1e-4, now, gradients) });
    });
    let model = net(&plain);
    let sample: Tensor<2> = Tensor::from_data(TensorData::new(numbers(a, 1.0), [1, a]), &plain);
    options.rounds("infer_b1", 0.5, || {
        black_box(model.forward(sample.clone(), tiny));
    });
}

fn elementwise(options: &Options) {
    let many = 1 << 20;
    let device = Device::flex();
    let x: Tensor<1> = Tensor::from_data(TensorData::new(numbers(many, 4.0), [many]), &device);
    type Function = fn(Tensor<1>) -> Tensor<1>;
    let functions: [(&str, Function); 5] = [
        ("tanh", |x| x.tanh()),
        ("exp", |x| x.exp()),
        ("gelu", |x| activation::gelu(x)),
        ("sigmoid", |x| activation::sigmoid(x)),
        ("log", |x| x.log()),
    ];
    for (name, function) in functions {
        let least = options.least(0.1, || {
            black_box(function(x.clone()));
        });
        options.print(&format!("{name}_ns_per_elt_min"), least * 1e9 / many as f64);
    }
    for (rows, n) in [(64, 10), (768, 65), (1024, 1024)] {
        let x: Tensor<2> = Tensor::from_data(TensorData::new(numbers(rows * n, 4.0), [rows, n]), &device);
        let least = options.least(0.1, || {
            black_box(activation::softmax(x.clone(), 1));
        });
        options.print(&format!("softmax_{rows}x{n}_ns_per_elt_min"), least * 1e9 / (rows * n) as f64);
    }
}
