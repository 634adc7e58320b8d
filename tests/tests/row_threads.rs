//! Functions of rows, losses and sums on several threads: the bits of one thread.

use nanotorch::device::{Cpu, Kernel};
use nanotorch::kernel::Accumulate;
use nanotorch::kernel::cross_entropy::{
    ClassIndices, ClassProbabilities, cross_entropy_indices, cross_entropy_probabilities,
};
use nanotorch::kernel::gemm::column_sums_on;
use nanotorch::kernel::loss::{PairLoss, sum_of_losses};
use nanotorch::kernel::normalize::{self, Normalization};
use nanotorch::kernel::reduce;
use nanotorch::loss::{CrossEntropy, Loss, Mse};
use nanotorch::model::OutputOf;
use nanotorch::op::softmax::{
    LogSoftmax, RowBackward, RowBackwardInPlace, RowForward, RowForwardInPlace, RowFunction, Softmax,
};
use nanotorch::optimizer::Optimizer;
use nanotorch::prelude::*;
use nanotorch::run::Training;
use nanotorch::simd::{Simd, Vector, WithSimd, dispatch_on, for_each_isa};
use nanotorch::threads::{Pool, Threads};

/// Numbers from -1 to 1.
fn numbers(length: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..length).map(|_| (2.0 * random.uniform_f64() - 1.0) as f32).collect()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// Everything that is done with a matrix of `rows` rows of `n`.
#[derive(Clone)]
struct Rows<'a> {
    threads: Threads<'a>,
    rows: usize,
    n: usize,
}

impl Rows<'_> {
    /// A function of rows and its gradient, in place and apart.
    #[inline(always)]
    fn function<S: Simd, F: RowFunction>(&self, simd: S, function: F, outcomes: &mut Vec<Vec<u32>>) {
        let (n, cpu) = (self.n, Cpu { simd, threads: self.threads });
        let x = numbers(self.rows * n, 1);
        let mut y = vec![0.0; x.len()];
        RowForward { function, n, x: &x, y: &mut y }.run(cpu);
        let mut in_place = x.clone();
        RowForwardInPlace { function, n, y: &mut in_place }.run(cpu);
        let dy = numbers(x.len(), 2);
        let mut dx = vec![0.0; x.len()];
        RowBackward { function, n, y: &y, dy: &dy, dx: &mut dx }.run(cpu);
        let mut backward_in_place = dy.clone();
        RowBackwardInPlace { function, n, y: &y, dy: &mut backward_in_place }.run(cpu);
        assert!(y == in_place && dx == backward_in_place);
        outcomes.extend([bits(&y), bits(&dx)]);
    }

    /// Cross-entropy of both kinds, with its gradient and without.
    #[inline(always)]
    fn cross_entropy<S: Simd>(&self, simd: S, outcomes: &mut Vec<Vec<u32>>) {
        let Rows { threads, rows, n } = *self;
        let (logits, weights) = (numbers(rows * n, 3), numbers(n, 4));
        let classes: Vec<u32> = (0..rows).map(|row| (row * 7 % n) as u32).collect();
        let probabilities = numbers(rows * n, 5);
        let indices = ClassIndices { classes: &classes, weights: Some(&weights), smoothing: 0.1 };
        let soft = ClassProbabilities { probabilities: &probabilities, weights: None, smoothing: 0.0 };
        let mut gradients = [vec![0.0; rows * n], vec![0.0; rows * n]];
        let [first, second] = &mut gradients;
        let values = [
            cross_entropy_indices(simd, threads, n, &logits, indices, 0.5, Some(first)).unwrap(),
            cross_entropy_indices(simd, threads, n, &logits, indices, 0.5, None).unwrap(),
            cross_entropy_probabilities(simd, threads, n, &logits, soft, 0.5, Some(second)),
            cross_entropy_probabilities(simd, threads, n, &logits, soft, 0.5, None),
        ];
        outcomes.extend([bits(&values), bits(&gradients[0]), bits(&gradients[1])]);
    }

    /// A normalisation with as many weights, of which `shared` neighbours have one, forward and backward.
    #[inline(always)]
    fn normalization<S: Simd>(&self, simd: S, shared: usize, weights: usize, outcomes: &mut Vec<Vec<u32>>) {
        let Rows { threads, rows, n } = *self;
        let size = Normalization { length: n, shared, centred: true, epsilon: 1e-5 };
        let (x, weight, bias) = (numbers(rows * n, 6), numbers(weights, 7), numbers(weights, 8));
        let (mut y, mut kept) = (vec![0.0; x.len()], vec![0.0; 2 * rows]);
        normalize::forward(simd, threads, &size, &x, &weight, &bias, &mut y, &mut kept);
        let (dy, mut dx) = (numbers(x.len(), 9), vec![0.0; x.len()]);
        let (mut dweight, mut dbias) = (numbers(weights, 10), numbers(weights, 11));
        let dx_to = Some(&mut dx[..]);
        let to = (&mut dweight[..], &mut dbias[..]);
        normalize::backward(simd, threads, &size, &x, &weight, &kept, &dy, dx_to, to.0, to.1);
        outcomes.extend([y, kept.clone(), dx, dweight.clone(), dbias.clone()].map(|numbers| bits(&numbers)));
        // The gradients by the weights alone.
        let to = (&mut dweight[..], &mut [][..]);
        normalize::backward(simd, threads, &size, &x, &weight, &kept, &dy, None, to.0, to.1);
        outcomes.push(bits(&dweight));
    }
}

#[derive(Clone, Copy)]
struct Squares;
impl PairLoss<f32> for Squares {
    #[inline(always)]
    fn apply<V: Vector<Scalar = f32>>(self, x: V, target: V, _: V) -> (V, V) {
        let difference = x - target;
        (difference * difference, difference + difference)
    }
}

impl WithSimd for Rows<'_> {
    type Output = Vec<Vec<u32>>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let Rows { threads, rows, n } = self;
        let mut outcomes = Vec::new();
        self.function(simd, Softmax, &mut outcomes);
        self.function(simd, LogSoftmax, &mut outcomes);
        self.cross_entropy(simd, &mut outcomes);
        self.normalization(simd, 1, n, &mut outcomes);
        self.normalization(simd, 1, 0, &mut outcomes);
        if n.is_multiple_of(8) {
            // Groups of channels: each group of a sample has weights of its own, if there are several.
            self.normalization(simd, n / 8, 8, &mut outcomes);
            self.normalization(simd, n / 8, 8 * 3, &mut outcomes);
        }
        let (x, target) = (numbers(rows * n, 12), numbers(rows * n, 13));
        let mut gradient = vec![0.0; rows * n];
        let values = [
            sum_of_losses(simd, threads, Squares, &x, &target, 0.5, Some(&mut gradient)),
            sum_of_losses(simd, threads, Squares, &x, &target, 0.5, None),
            reduce::sum_of_squares_on(threads, simd, &x),
        ];
        assert_eq!(values[2].to_bits(), reduce::sum_of_squares(simd, &x).to_bits());
        outcomes.extend([bits(&values), bits(&gradient)]);
        for accumulate in [Accumulate::Replace, Accumulate::Add] {
            let mut sums = numbers(n, 14);
            column_sums_on(threads, simd, (rows, n), &x, n, &mut sums, accumulate);
            outcomes.push(bits(&sums));
        }
        outcomes
    }
}

#[test]
fn functions_of_rows_give_the_same_bits() {
    let pools = [2, 3].map(Pool::new);
    for (rows, n) in [(0, 8), (3, 8), (600, 65), (400, 96), (3, 24_000), (1, 70_003), (17_000, 2)] {
        for_each_isa(Rows { threads: Threads::ALONE, rows, n }, |isa, alone| {
            for pool in &pools {
                let several = dispatch_on(isa, Rows { threads: Threads::of(pool), rows, n }).unwrap();
                for (index, (several, alone)) in several.iter().zip(&alone).enumerate() {
                    assert!(
                        several == alone,
                        "outcome {index} of {rows} rows of {n} on {} threads with {isa}",
                        pool.count()
                    );
                }
            }
        });
    }
}

/// The lengths at which a sum is cut, and near them.
#[test]
fn long_sums_are_those_of_one_thread() {
    let pools = [2, 3].map(Pool::new);
    for length in [65_535, 65_536, 65_537, 262_144, 262_145, 1_000_003] {
        let x = numbers(length, length as u64);
        struct Norm<'a>(Threads<'a>, &'a [f32]);
        impl WithSimd for Norm<'_> {
            type Output = f32;
            #[inline(always)]
            fn run<S: Simd>(self, simd: S) -> f32 {
                reduce::sum_of_squares_on(self.0, simd, self.1)
            }
        }
        let alone = nanotorch::simd::dispatch(Norm(Threads::ALONE, &x));
        for pool in &pools {
            let several = nanotorch::simd::dispatch(Norm(Threads::of(pool), &x));
            assert_eq!(several.to_bits(), alone.to_bits(), "{length} on {} threads", pool.count());
        }
    }
}

/// A model of rows: normalised, weighed against each other, told apart, place by place.
#[model(input = [32, 64], batch = 16, forward)]
struct Places {
    norm: LayerNorm<64>,
    fc: Linear<64, 96>,
    softmax: nanotorch::layer::Softmax,
    head: Linear<96, 80>,
    mean: Linear<80, 80>,
}

#[forward]
impl Places {
    fn forward(&self, x: Edge) -> Edge {
        let h = self.softmax.forward(self.fc.forward(self.norm.forward(x)));
        let y = self.head.forward(h);
        y + self.mean.forward(y.mean(0))
    }
}

/// Losses, outputs and parameters of two clipped steps toward a loss.
fn trained<L: Loss<OutputOf<Places>, f32>>(threads: usize, loss: &L, targets: &[L::Target]) -> Vec<u32> {
    let mut model = Places::new(1);
    let mut optimizer = Adam::new(1e-2).clip_norm(0.1).clip_value(0.5).build::<Places>();
    let mut training = Training::<Places, UpTo<16>>::new(1).threads(threads);
    let inputs = numbers(16 * 32 * 64, 2);
    let mut all = Vec::new();
    for _ in 0..2 {
        let loss = training.step(&mut model, &mut optimizer, loss, &inputs, targets).unwrap();
        assert!(loss.is_finite() && optimizer.learning_rate() > 0.0);
        all.push(loss.to_bits());
        all.extend(bits(training.outputs()));
    }
    all.extend(bits(model.values()));
    all
}

#[test]
fn a_model_of_rows_is_trained_to_the_same_bits() {
    let classes: Vec<u32> = (0..16 * 32).map(|row| row * 7 % 80).collect();
    let targets = numbers(16 * 32 * 80, 3);
    let expected = (trained(1, &CrossEntropy::default(), &classes), trained(1, &Mse::default(), &targets));
    for threads in [2, 3] {
        let several = (
            trained(threads, &CrossEntropy::default(), &classes),
            trained(threads, &Mse::default(), &targets),
        );
        assert!(several == expected, "{threads} threads");
    }
}
