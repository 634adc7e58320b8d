//! Steps and kernels under a harness: `cargo bench -p nanotorch-benches`.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use nanotorch::element::Float;
use nanotorch::kernel::map::{UnaryMap, map};
use nanotorch::kernel::math;
use nanotorch::loss::{CrossEntropy, Mse};
use nanotorch::optimizer::{Adam, Sgd};
use nanotorch::prelude::*;
use nanotorch::run::{Inference, Training};
use nanotorch::simd::{Simd, Vector, WithSimd, dispatch};
use nanotorch_benches::{Mnist, Tiny};

fn main() {
    divan::main();
}

/// Numbers from -1 to 1.
fn numbers(length: usize) -> Vec<f32> {
    let mut random = Random::new(1);
    (0..length).map(|_| (2.0 * random.uniform_f64() - 1.0) as f32).collect()
}

#[divan::bench]
fn mlp_tiny_train(bencher: Bencher) {
    let (mut model, mut sgd) = (Tiny::new(1), Sgd::new(1e-3).build::<Tiny>());
    let mut training = Training::<Tiny, Const<32>>::new(1);
    let (inputs, targets) = (numbers(32 * 4), numbers(32 * 2));
    bencher.bench_local(|| training.step(&mut model, &mut sgd, &Mse::default(), &inputs, &targets));
}

#[divan::bench]
fn mlp_tiny_infer(bencher: Bencher) {
    let (model, inputs) = (Tiny::new(1), numbers(4));
    let mut inference = Inference::<Tiny, Const<1>>::new();
    bencher.bench_local(|| inference.run(&model, black_box(&inputs)).map(|outputs| outputs[0]));
}

#[divan::bench(args = [1, 2])]
fn mlp_mnist_train(bencher: Bencher, threads: usize) {
    let (mut model, mut adam) = (Mnist::new(1), Adam::new(1e-4).build::<Mnist>());
    let mut training = Training::<Mnist, Const<64>>::new(1).threads(threads);
    let classes: Vec<u32> = (0..64).map(|sample| sample % 10).collect();
    let inputs = numbers(64 * 784);
    bencher.bench_local(|| training.step(&mut model, &mut adam, &CrossEntropy::default(), &inputs, &classes));
}

#[divan::bench]
fn mlp_mnist_infer(bencher: Bencher) {
    let (model, inputs) = (Mnist::new(1), numbers(784));
    let mut inference = Inference::<Mnist, Const<1>>::new();
    bencher.bench_local(|| inference.run(&model, black_box(&inputs)).map(|outputs| outputs[0]));
}

#[derive(Clone, Copy)]
struct Gelu;
impl<T: Float> UnaryMap<T> for Gelu {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
        math::gelu(x)
    }
}

struct Mapped<'a>(&'a [f32], &'a mut [f32]);
impl WithSimd for Mapped<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        map(simd, Gelu, self.0, self.1);
    }
}

#[divan::bench(args = [1 << 10, 1 << 20])]
fn gelu(bencher: Bencher, length: usize) {
    let (x, mut y) = (numbers(length), vec![0.0; length]);
    bencher.counter(ItemsCount::new(length)).bench_local(|| dispatch(Mapped(black_box(&x), &mut y)));
}
