//! The workloads in candle.

#[path = "../../measure.rs"]
mod measure;

use std::hint::black_box;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, SGD, VarBuilder, VarMap, linear, loss, ops};
use measure::{BATCHES, Options, numbers};

fn main() -> Result<()> {
    let options = Options::read("candle");
    match options.workload.as_str() {
        "mlp-tiny" => mlp(&options, &[4, 16, 16, 2], 32, true),
        "mlp-mnist" => mlp(&options, &[784, 512, 256, 10], 64, false),
        "elementwise" => elementwise(&options),
        _ => Ok(()),
    }
}

struct Net(Vec<Linear>, bool);

impl Net {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let mut x = x.clone();
        for (index, layer) in self.0.iter().enumerate() {
            x = layer.forward(&x)?;
            if index + 1 < self.0.len() {
                x = if self.1 { x.tanh()? } else { x.relu()? };
            }
        }
        Ok(x)
    }
}

fn mlp(options: &Options, sizes: &[usize], batch: usize, tiny: bool) -> Result<()> {
    let device = Device::Cpu;
    let map = VarMap::new();
    let builder = VarBuilder::from_varmap(&map, DType::F32, &device);
    let layers = sizes.windows(2).enumerate().map(|(i, pair)| linear(pair[0], pair[1], builder.pp(format!("l{i}"))));
    let net = Net(layers.collect::<Result<_>>()?, tiny);
    let (inputs, outputs) = (sizes[0], sizes[sizes.len() - 1]);
    let all = numbers(BATCHES * batch * inputs, 1.0);
    let x: Vec<Tensor> = all.chunks(batch * inputs).map(|part| Tensor::from_slice(part, (batch, inputs), &device)).collect::<Result<_>>()?;
    let targets = numbers(batch * outputs, 1.0);
    let regression = Tensor::from_slice(&targets, (batch, outputs), &device)?;
    let classes: Vec<u32> = (0..batch).map(|sample| (sample * 7 % 10) as u32).collect();
    let classes = Tensor::from_slice(&classes, batch, &device)?;
    let mut sgd = SGD::new(map.all_vars(), 1e-3)?;
    let adam = ParamsAdamW { lr: 1e-4, weight_decay: 0.0, ..ParamsAdamW::default() };
    let mut adam = AdamW::new(map.all_vars(), adam)?;
    let mut turn = 0;
    options.rounds("train", 0.5, || {
        turn = (turn + 1) % BATCHES;
        let y = net.forward(&x[turn]).unwrap();
        if tiny {
            let loss = loss::mse(&y, &regression).unwrap();
            sgd.backward_step(&loss).unwrap();
        } else {
            let loss = loss::cross_entropy(&y, &classes).unwrap();
            adam.backward_step(&loss).unwrap();
        }
    });
    let sample = x[0].narrow(0, 0, 1)?.detach();
    options.rounds("infer_b1", 0.5, || {
        black_box(net.forward(&sample).unwrap());
    });
    Ok(())
}

fn elementwise(options: &Options) -> Result<()> {
    let many = 1 << 20;
    let x = Tensor::from_vec(numbers(many, 4.0), many, &Device::Cpu)?;
    type Function = fn(&Tensor) -> Result<Tensor>;
    let functions: [(&str, Function); 6] = [
        ("tanh", |x| x.tanh()),
        ("exp", |x| x.exp()),
        ("gelu", |x| x.gelu_erf()),
        ("gelu_tanh", |x| x.gelu()),
        ("sigmoid", ops::sigmoid),
        ("silu", |x| x.silu()),
    ];
    for (name, function) in functions {
        let least = options.least(0.1, || {
            black_box(function(&x).unwrap());
        });
        options.print(&format!("{name}_ns_per_elt_min"), least * 1e9 / many as f64);
    }
    for (rows, n) in [(64, 10), (768, 65), (1024, 1024)] {
        let x = Tensor::from_vec(numbers(rows * n, 4.0), (rows, n), &Device::Cpu)?;
        let least = options.least(0.1, || {
            black_box(ops::softmax_last_dim(&x).unwrap());
        });
        options.print(&format!("softmax_{rows}x{n}_ns_per_elt_min"), least * 1e9 / (rows * n) as f64);
    }
    Ok(())
}
