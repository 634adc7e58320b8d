//! The workloads in dfdx.

#[path = "../../measure.rs"]
mod measure;

use std::hint::black_box;

use dfdx::prelude::*;
use dfdx::optim::{Adam, AdamConfig, Sgd, SgdConfig};
use measure::{BATCHES, Options, numbers};

type Tiny = ((Linear<4, 16>, Tanh), (Linear<16, 16>, Tanh), Linear<16, 2>);
type Mnist = ((Linear<784, 512>, ReLU), (Linear<512, 256>, ReLU), Linear<256, 10>);

fn main() {
    let options = Options::read("dfdx");
    match options.workload.as_str() {
        "mlp-tiny" => tiny(&options),
        "mlp-mnist" => mnist(&options),
        "elementwise" => elementwise(&options),
        _ => {}
    }
}

fn tiny(options: &Options) {
    let device: Cpu = Default::default();
    let mut model = device.build_module::<Tiny, f32>();
    let mut gradients = Some(model.alloc_grads());
    let mut optimizer = Sgd::new(&model, SgdConfig { lr: 1e-3, ..Default::default() });
    let all = numbers(BATCHES * 32 * 4, 1.0);
    let x: Vec<Tensor<Rank2<32, 4>, f32, Cpu>> = all.chunks(32 * 4).map(|part| device.tensor_from_vec(part.to_vec(), (Const, Const))).collect();
    let target: Tensor<Rank2<32, 2>, f32, Cpu> = device.tensor_from_vec(numbers(64, 1.0), (Const, Const));
    let mut turn = 0;
    options.rounds("train", 0.5, || {
        turn = (turn + 1) % BATCHES;
        let y = model.forward_mut(x[turn].clone().traced(gradients.take().unwrap()));
        let mut done = mse_loss(y, target.clone()).backward();
        optimizer.update(&mut model, &done).unwrap();
        model.zero_grads(&mut done);
        gradients = Some(done);
    });
    let sample: Tensor<Rank1<4>, f32, Cpu> = device.tensor_from_vec(numbers(4, 1.0), (Const,));
    options.rounds("infer_b1", 0.5, || {
        black_box(model.forward(sample.clone()));
    });
}

fn mnist(options: &Options) {
    let device: Cpu = Default::default();
    let mut model = device.build_module::<Mnist, f32>();
    let mut gradients = Some(model.alloc_grads());
    let mut optimizer = Adam::new(&model, AdamConfig { lr: 1e-4, ..Default::default() });
    let all = numbers(BATCHES * 64 * 784, 1.0);
    let x: Vec<Tensor<Rank2<64, 784>, f32, Cpu>> = all.chunks(64 * 784).map(|part| device.tensor_from_vec(part.to_vec(), (Const, Const))).collect();
    let mut classes = vec![0.0; 64 * 10];
    (0..64).for_each(|sample| classes[sample * 10 + sample * 7 % 10] = 1.0);
    let target: Tensor<Rank2<64, 10>, f32, Cpu> = device.tensor_from_vec(classes, (Const, Const));
    let mut turn = 0;
    options.rounds("train", 0.5, || {
        turn = (turn + 1) % BATCHES;
        let y = model.forward_mut(x[turn].clone().traced(gradients.take().unwrap()));
        let mut done = cross_entropy_with_logits_loss(y, target.clone()).backward();
        optimizer.update(&mut model, &done).unwrap();
        model.zero_grads(&mut done);
        gradients = Some(done);
    });
    let sample: Tensor<Rank1<784>, f32, Cpu> = device.tensor_from_vec(numbers(784, 1.0), (Const,));
    options.rounds("infer_b1", 0.5, || {
        black_box(model.forward(sample.clone()));
    });
}

fn elementwise(options: &Options) {
    const MANY: usize = 1 << 20;
    let device: Cpu = Default::default();
    let x: Tensor<Rank1<MANY>, f32, Cpu> = device.tensor_from_vec(numbers(MANY, 4.0), (Const,));
    macro_rules! function {
        ($name:literal, $function:ident) => {
            let least = options.least(0.15, || {
                black_box(x.clone().$function());
            });
            options.print(concat!($name, "_ns_per_elt_min"), least * 1e9 / MANY as f64);
        };
    }
    function!("tanh", tanh);
    function!("exp", exp);
    function!("gelu", accurate_gelu);
    function!("gelu_tanh", fast_gelu);
    function!("sigmoid", sigmoid);
}
