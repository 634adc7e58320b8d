//! The workloads in candle.

#[path = "../../measure.rs"]
mod measure;

use std::hint::black_box;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, SGD, VarBuilder, VarMap, linear, loss, ops};
use measure::{BATCHES, Options, numbers};

fn main() -> Result<()> {
    let options = Options::read("candle");
    match options.workload.as_str() {
        "mlp-tiny" => mlp(&options, &[4, 16, 16, 2], 32, true),
        "mlp-mnist" => mlp(&options, &[784, 512, 256, 10], 64, false),
        "elementwise" => elementwise(&options),
        "tensor" => tensor(&options),
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

/// The step of `mlp-tiny` by hand: variables, operators, and plain gradient descent.
fn tiny_step(weights: &[Var], biases: &[Var], x: &Tensor, y: &Tensor) -> Result<()> {
    let mut hidden = x.clone();
    for (layer, (weight, bias)) in weights.iter().zip(biases).enumerate() {
        hidden = hidden.matmul(weight)?.broadcast_add(bias)?;
        if layer < 2 {
            hidden = hidden.tanh()?;
        }
    }
    let gradients = (hidden - y)?.sqr()?.mean_all()?.backward()?;
    for parameter in weights.iter().chain(biases) {
        if let Some(gradient) = gradients.get(parameter) {
            parameter.set(&(parameter.as_tensor() - (gradient * 0.01)?)?)?;
        }
    }
    Ok(())
}

fn tensor(options: &Options) -> Result<()> {
    let (device, many) = (Device::Cpu, 1 << 20);
    let x = Tensor::from_vec(numbers(many, 1.0), many, &device)?;
    let rows = x.reshape((4096, 256))?;
    let bias = Tensor::from_vec(numbers(256, 1.0), 256, &device)?;
    type Function<'a> = Box<dyn Fn() -> Result<Tensor> + 'a>;
    let (base, exponent) = ((x.abs()? + 0.1)?, (&x * 8.0)?);
    let lines: [(&str, usize, Function<'_>); 7] = [
        ("pow", many, Box::new(|| base.pow(&exponent))),
        ("relu", many, Box::new(|| x.relu())),
        ("add", many, Box::new(|| &x + &x)),
        ("exp", many, Box::new(|| x.exp())),
        ("chain_of_4", 4 * many, Box::new(|| (((&x * 2.0)? + &x)?.relu()? - 1.0)?.abs())),
        ("add_row", many, Box::new(|| rows.broadcast_add(&bias))),
        ("sum_axis_0", many, Box::new(|| rows.sum(0))),
    ];
    for (name, count, function) in lines {
        let least = options.least(0.1, || {
            black_box(function().unwrap());
        });
        options.print(&format!("{name}_ns_per_elt_min"), least * 1e9 / count as f64);
    }
    let a = Tensor::from_vec(numbers(64 * 784, 1.0), (64, 784), &device)?;
    let b = Tensor::from_vec(numbers(784 * 512, 1.0), (784, 512), &device)?;
    let least = options.least(0.1, || {
        black_box(a.matmul(&b).and_then(|y| y.relu()).unwrap());
    });
    options.print("matmul_relu_64x784x512_GFLOPs_max", 2e-9 * (64 * 784 * 512) as f64 / least);
    let sizes = [(4, 16), (16, 16), (16, 2)];
    let weights: Vec<Var> = sizes.iter().map(|&(m, n)| Var::from_vec(numbers(m * n, 0.25), (m, n), &device)).collect::<Result<_>>()?;
    let biases: Vec<Var> = sizes.iter().map(|&(_, n)| Var::from_vec(vec![0.0_f32; n], n, &device)).collect::<Result<_>>()?;
    let inputs = Tensor::from_vec(numbers(32 * 4, 1.0), (32, 4), &device)?;
    let targets = Tensor::from_vec(numbers(32 * 2, 1.0), (32, 2), &device)?;
    let least = options.least(0.3, || tiny_step(&weights, &biases, &inputs, &targets).unwrap());
    options.print("tape_mlp_tiny_step_ns_per_elt_min", least * 1e9);
    Ok(())
}
