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
        "tensor" => tensor(&options),
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

/// The step of `mlp-tiny` by hand: tensors that require gradients, operators, and plain gradient descent.
fn tiny_step(weights: &mut [Tensor<2>], biases: &mut [Tensor<2>], x: &Tensor<2>, y: &Tensor<2>) {
    let mut hidden = x.clone();
    for (layer, (weight, bias)) in weights.iter().zip(biases.iter()).enumerate() {
        hidden = hidden.matmul(weight.clone()) + bias.clone();
        if layer < 2 {
            hidden = hidden.tanh();
        }
    }
    let gradients = (hidden - y.clone()).square().mean().backward();
    for parameter in weights.iter_mut().chain(biases) {
        if let Some(gradient) = parameter.grad(&gradients) {
            *parameter = Tensor::from_inner(parameter.clone().inner() - gradient * 0.01).require_grad();
        }
    }
}

fn tensor(options: &Options) {
    let many = 1 << 20;
    let plain = Device::flex();
    let make = |length: usize, shape: [usize; 2], range: f32, device: &Device| -> Tensor<2> {
        Tensor::from_data(TensorData::new(numbers(length, range), shape), device)
    };
    let x: Tensor<1> = Tensor::from_data(TensorData::new(numbers(many, 1.0), [many]), &plain);
    let rows = make(many, [4096, 256], 1.0, &plain);
    let bias = make(256, [1, 256], 1.0, &plain);
    let line = |name: &str, count: usize, work: &mut dyn FnMut()| {
        let least = options.least(0.1, work);
        options.print(&format!("{name}_ns_per_elt_min"), least * 1e9 / count as f64);
    };
    line("relu", many, &mut || drop(black_box(activation::relu(x.clone()))));
    line("add", many, &mut || drop(black_box(x.clone() + x.clone())));
    line("exp", many, &mut || drop(black_box(x.clone().exp())));
    let (base, exponent) = (x.clone().abs() + 0.1, x.clone() * 8.0);
    line("pow", many, &mut || drop(black_box(base.clone().powf(exponent.clone()))));
    line("chain_of_4", 4 * many, &mut || {
        drop(black_box((activation::relu(x.clone() * 2.0 + x.clone()) - 1.0).abs()));
    });
    line("add_row", many, &mut || drop(black_box(rows.clone() + bias.clone())));
    line("sum_axis_0", many, &mut || drop(black_box(rows.clone().sum_dim(0))));
    let (a, b) = (make(64 * 784, [64, 784], 1.0, &plain), make(784 * 512, [784, 512], 1.0, &plain));
    let least = options.least(0.1, || {
        black_box(activation::relu(a.clone().matmul(b.clone())));
    });
    options.print("matmul_relu_64x784x512_GFLOPs_max", 2e-9 * (64 * 784 * 512) as f64 / least);
    let device = plain.clone().autodiff();
    let sizes = [(4, 16), (16, 16), (16, 2)];
    let mut weights = sizes.map(|(m, n)| make(m * n, [m, n], 0.25, &device).require_grad());
    let mut biases = sizes.map(|(_, n)| Tensor::<2>::zeros([1, n], &device).require_grad());
    let (inputs, targets) = (make(32 * 4, [32, 4], 1.0, &device), make(32 * 2, [32, 2], 1.0, &device));
    let least = options.least(0.3, || tiny_step(&mut weights, &mut biases, &inputs, &targets));
    options.print("tape_mlp_tiny_step_ns_per_elt_min", least * 1e9);
}
