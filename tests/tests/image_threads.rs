//! Convolutions, poolings and normalisations on several threads give the bits of one.

use nanotorch::kernel::Accumulate;
use nanotorch::kernel::convolution::{self, Convolution};
use nanotorch::kernel::finish::Finish;
use nanotorch::kernel::pool::{self, Pooling};
use nanotorch::kernel::window::{Window, places};
use nanotorch::loss::CrossEntropy;
use nanotorch::prelude::*;
use nanotorch::run::{Inference, Training};
use nanotorch::simd::{Simd, WithSimd, dispatch_on, for_each_isa};
use nanotorch::threads::{Pool, Threads};

fn numbers(length: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..length).map(|_| (2.0 * random.uniform_f64() - 1.0) as f32).collect()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

fn square(length: usize, kernel: usize, stride: usize, padding: usize) -> Window {
    let along = places(length + 2 * padding, kernel, stride);
    Window {
        input: [1, length, length],
        output: [1, along, along],
        kernel: [1, kernel, kernel],
        stride: [1, stride, stride],
        dilation: [1; 3],
        before: [0, padding, padding],
        after: [0, padding, padding],
    }
}

/// All that the kernels of a convolution and of poolings under its window give.
#[derive(Clone)]
struct Kernels<'a> {
    threads: Threads<'a>,
    size: Convolution,
    rows: usize,
}

impl WithSimd for Kernels<'_> {
    type Output = Vec<Vec<u32>>;
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let Kernels { threads, size, rows } = self;
        let (x, dy) = (numbers(rows * size.input_length(), 1), numbers(rows * size.output_length(), 2));
        let (weight, shift) = (numbers(size.weight_length(), 3), numbers(size.groups * size.outputs, 4));
        let (mut y, mut dx) = (dy.clone(), x.clone());
        let (mut dweight, mut dbias) = (weight.clone(), shift.clone());
        let finish = Finish { scale: &shift, shift: &shift, rectified: true };
        let mut room = vec![f32::NAN; size.forward_workspace()];
        convolution::forward(simd, threads, &size, rows, &x, &weight, finish, None, &mut y, &mut room);
        let mut room = vec![f32::NAN; size.input_gradient_workspace()];
        let finish = Finish::bias(&[]);
        convolution::input_gradient(simd, threads, &size, rows, &dy, &weight, finish, &mut dx, &mut room);
        let mut room = vec![f32::NAN; size.weight_gradient_workspace()];
        let (to, bias, add) = (&mut dweight, &mut dbias, Accumulate::Add);
        convolution::weight_gradient(simd, threads, &size, rows, &x, &dy, to, bias, add, &mut room);
        let mut outcomes = vec![bits(&y), bits(&dx), bits(&dweight), bits(&dbias)];
        // As many planes of the input as there are channels of it.
        let window = &size.window;
        let planes = rows * size.groups * size.inputs;
        let outputs = planes * window.output.iter().product::<usize>();
        for pooling in [Pooling::Maximum, Pooling::Mean { include_padding: false }] {
            let (mut y, mut dx) = (vec![0.0; outputs], x.clone());
            pool::forward(simd, threads, pooling, window, &x, &mut y);
            outcomes.push(bits(&y));
            let dy = numbers(outputs, 5);
            pool::backward(simd, threads, pooling, window, &x, &y, &dy, &mut dx);
            outcomes.push(bits(&dx));
        }
        outcomes
    }
}

#[test]
fn kernels_give_the_same_bits() {
    let pools = [2, 3, 5].map(|threads| Pool::new(threads).with_memory(4 << 20));
    for (window, groups, inputs, outputs, rows) in [
        (square(12, 5, 1, 0), 1, 8, 16, 64),
        (square(14, 5, 1, 0), 1, 1, 8, 47),
        (square(13, 3, 1, 1), 1, 16, 20, 35),
        (square(12, 3, 1, 1), 1, 32, 64, 3),
        (square(16, 3, 1, 1), 2, 16, 24, 40),
        (square(29, 3, 1, 1), 2, 17, 40, 2),
        (square(20, 3, 1, 0), 1, 33, 16, 16),
        (square(9, 3, 2, 1), 16, 8, 8, 19),
        (square(16, 2, 2, 0), 1, 24, 24, 33),
        (square(11, 1, 1, 0), 1, 40, 72, 1),
    ] {
        let size = Convolution::new(window, groups, inputs, outputs);
        for_each_isa(Kernels { threads: Threads::ALONE, size, rows }, |isa, alone| {
            for pool in &pools {
                let several = Kernels { threads: Threads::of(pool), size, rows };
                let several = dispatch_on(isa, several).unwrap();
                let count = pool.count();
                for (index, (alone, several)) in alone.iter().zip(&several).enumerate() {
                    assert!(alone == several, "result {index} of {size:?}, {rows} on {count} threads, {isa}");
                }
            }
        });
    }
}

#[model(input = [3, 24, 24], batch = 40)]
struct Images {
    conv1: Conv2d<3, 16, 3, (Same, NoBias)>,
    norm1: BatchNorm<16>,
    relu1: Relu,
    pool1: MaxPool2d<2>,
    conv2: Conv2d<16, 24, 3, (Stride<2>, Padding<1>)>,
    relu2: Relu,
    up: ConvTranspose2d<24, 8, 4, (Stride<2>, Padding<1>)>,
    pool2: AvgPool2d<3, (Stride<2>, Padding<1>)>,
    pool3: AdaptiveAvgPool2d<3>,
    flatten: Flatten,
    head: Linear<72, 10>,
}

fn trained(threads: usize, rows: usize) -> Vec<u32> {
    let (mut model, mut adam) = (Images::new(3), Adam::new(1e-2).build::<Images>());
    let mut training = Training::<Images, UpTo<40>, true>::new(7).threads(threads);
    let inputs = numbers(rows * 3 * 24 * 24, 5);
    let classes: Vec<u32> = (0..rows as u32).map(|sample| sample % 10).collect();
    let mut all = Vec::new();
    for _ in 0..2 {
        let loss = training.step(&mut model, &mut adam, &CrossEntropy::default(), &inputs, &classes);
        all.push(loss.unwrap().to_bits());
    }
    all.extend(bits(model.values()));
    let mut inference = Inference::<Images, UpTo<40>>::new().threads(threads);
    all.extend(bits(inference.run(&model, &inputs).unwrap()));
    all
}

#[test]
fn training_gives_the_same_bits() {
    for rows in [1, 33, 40] {
        let alone = trained(1, rows);
        for threads in [2, 3] {
            assert!(alone == trained(threads, rows), "{rows} samples on {threads} threads");
        }
    }
}
