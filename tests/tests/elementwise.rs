//! Maps, reductions, softmax, cross-entropy and optimizer steps against naive twins in double precision: awkward lengths, every
//! instruction set of the machine, both precisions.

use nanotorch::element::Float;
use nanotorch::kernel::cross_entropy::{
    ClassIndices, ClassOutOfRange, ClassProbabilities, cross_entropy_indices, cross_entropy_probabilities,
};
use nanotorch::kernel::map::{
    BinaryMap, UnaryMap, map, map_accumulate, map_in_place, zip, zip_accumulate, zip_in_place,
};
use nanotorch::kernel::{reduce, softmax, update};
use nanotorch::simd::{Isa, Simd, Vector, WithSimd, for_each_isa};
use nanotorch::threads::Threads;
use proptest::prelude::*;

const LENGTHS: [usize; 12] = [0, 1, 7, 10, 15, 16, 17, 31, 33, 65, 100, 1023];

/// A kernel that fills slices: called once for each instruction set with copies of `outputs`.
#[derive(Clone)]
struct Kernel<F, O>(F, O);

/// What a closure can't be: generic over the instruction set.
trait Run<O>: Clone {
    fn run<S: Simd>(&self, simd: S, outputs: &mut O);
}

impl<F: Run<O>, O: Clone> WithSimd for Kernel<F, O> {
    type Output = O;
    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) -> O {
        self.0.run(simd, &mut self.1);
        self.1
    }
}

/// Implements [`Run`] for a new type with the given fields, and yields a value of it.
macro_rules! kernel {
    (|$($field:ident: $type:ty),*; $simd:ident, $outputs:ident: $output:ty| $body:expr) => {{
        #[derive(Clone)]
        struct Work<T> { $($field: $type,)* number: core::marker::PhantomData<T> }
        impl<T: Float> Run<$output> for Work<T> {
            #[inline(always)]
            fn run<S: Simd>(&self, $simd: S, $outputs: &mut $output) {
                let Self { $($field,)* .. } = self;
                $body
            }
        }
        Work::<T> { $($field: $field.clone(),)* number: core::marker::PhantomData }
    }};
}

/// Numbers from -range to range that depend on the seed alone (SplitMix64).
fn numbers<T: Float>(length: usize, seed: u64, range: f64) -> Vec<T> {
    let mut state = seed;
    (0..length)
        .map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let unit = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
            T::from_f64(range * (2.0 * unit - 1.0))
        })
        .collect()
}

fn double<T: Float>(x: &[T]) -> Vec<f64> {
    x.iter().map(|x| x.to_f64()).collect()
}

/// Within `ulps` units in the last place of 1, relative to the numbers, and absolutely below 1.
fn assert_close<T: Float>(isa: Isa, what: &str, got: &[T], expected: &[f64], ulps: f64) {
    let magnitudes: Vec<f64> = expected.iter().map(|expected| expected.abs()).collect();
    assert_close_to(isa, what, got, expected, &magnitudes, ulps);
}

/// As [`assert_close`], relative to magnitudes of their own: of a sum in which terms cancel, those of its terms.
fn assert_close_to<T: Float>(
    isa: Isa,
    what: &str,
    got: &[T],
    expected: &[f64],
    magnitudes: &[f64],
    ulps: f64,
) {
    assert_eq!(got.len(), expected.len());
    for (i, ((got, &expected), magnitude)) in got.iter().zip(expected).zip(magnitudes).enumerate() {
        let error = (got.to_f64() - expected).abs();
        let bound = ulps * T::EPSILON.to_f64() * magnitude.max(1.0);
        assert!(error <= bound, "{isa} {what} of {}, [{i}]: {got}, not {expected}", T::NAME);
    }
}

#[derive(Clone, Copy)]
struct Affine;
impl<T: Float> UnaryMap<T> for Affine {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
        x * x + V::splat(x.isa(), T::ONE)
    }
}
impl<T: Float> BinaryMap<T> for Affine {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        a * b - a
    }
}

fn maps<T: Float>(length: usize, seed: u64) {
    let (a, b) = (numbers::<T>(length, seed, 3.0), numbers::<T>(length, seed + 1, 3.0));
    let (x, y) = (double(&a), double(&b));
    type Outputs<T> = [Vec<T>; 6];
    let outputs: Outputs<T> = [b.clone(), a.clone(), b.clone(), b.clone(), b.clone(), b.clone()];
    let work = kernel!(|a: Vec<T>, b: Vec<T>; simd, out: Outputs<T>| {
        let [o0, o1, o2, o3, o4, o5] = out;
        map(simd, Affine, a, o0);
        map_in_place(simd, Affine, o1);
        map_accumulate(simd, Affine, a, o2);
        zip(simd, Affine, a, b, o3);
        zip_in_place(simd, Affine, a, o4);
        zip_accumulate(simd, Affine, a, b, o5);
    });
    let unary: Vec<f64> = x.iter().map(|x| x * x + 1.0).collect();
    let binary: Vec<f64> = x.iter().zip(&y).map(|(a, b)| a * b - a).collect();
    let plus = |f: &[f64]| f.iter().zip(&y).map(|(f, y)| f + y).collect::<Vec<_>>();
    for_each_isa(Kernel(work, outputs), |isa, [o0, o1, o2, o3, o4, o5]| {
        assert_close(isa, "map", &o0, &unary, 8.0);
        assert_close(isa, "map_in_place", &o1, &unary, 8.0);
        assert_close(isa, "map_accumulate", &o2, &plus(&unary), 8.0);
        assert_close(isa, "zip", &o3, &binary, 8.0);
        assert_close(isa, "zip_in_place", &o4, &binary, 8.0);
        assert_close(isa, "zip_accumulate", &o5, &plus(&binary), 16.0);
    });
}

fn reductions<T: Float>(length: usize, seed: u64) {
    let (a, b) = (numbers::<T>(length, seed, 1.0), numbers::<T>(length, seed + 1, 1.0));
    let (x, y) = (double(&a), double(&b));
    type Outputs<T> = (Vec<T>, Option<usize>, bool);
    let work = kernel!(|a: Vec<T>, b: Vec<T>; simd, out: Outputs<T>| {
        out.0 = vec![
            reduce::sum(simd, a),
            reduce::dot(simd, a, b),
            reduce::sum_of_squares(simd, a),
            reduce::maximum(simd, a),
            reduce::minimum(simd, a),
        ];
        if !a.is_empty() {
            out.0.push(reduce::mean(simd, a));
        }
        out.1 = reduce::argmax(simd, a);
        out.2 = reduce::all_finite(simd, a);
    });
    let mut expected = vec![
        x.iter().sum::<f64>(),
        x.iter().zip(&y).map(|(x, y)| x * y).sum(),
        x.iter().map(|x| x * x).sum(),
        x.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        x.iter().copied().fold(f64::INFINITY, f64::min),
    ];
    if length > 0 {
        expected.push(expected[0] / length as f64);
    }
    let largest = x.iter().position(|&x| x == expected[3]);
    // The numbers it is compared with are sums in order, whose own rounding grows with the terms that cancel.
    let mut magnitudes: Vec<f64> = expected.iter().map(|expected| expected.abs()).collect();
    magnitudes[0] = x.iter().map(|x| x.abs()).sum();
    magnitudes[1] = x.iter().zip(&y).map(|(x, y)| (x * y).abs()).sum();
    let mut first: Option<T> = None;
    for_each_isa(Kernel(work, (Vec::new(), None, false)), |isa, (mut values, argmax, finite)| {
        let mut expected = expected.clone();
        if length == 0 {
            assert!(values.drain(3..).eq([T::NEG_INFINITY, T::INFINITY]));
            expected.truncate(3);
        }
        assert_close_to(isa, "reduction", &values, &expected, &magnitudes, 64.0);
        assert_eq!(argmax, largest);
        assert!(finite);
        // The order of a sum doesn't depend on the instruction set.
        assert_eq!(*first.get_or_insert(values[0]), values[0], "{isa}");
    });
}

/// The rows' softmax, and the log of the sum that its logarithm needs.
fn naive_softmax(n: usize, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (mut y, mut log_y) = (Vec::new(), Vec::new());
    for row in x.chunks(n) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|x| (x - largest).exp()).sum();
        y.extend(row.iter().map(|x| (x - largest).exp() / sum));
        log_y.extend(row.iter().map(|x| x - largest - sum.ln()));
    }
    (y, log_y)
}

fn softmaxes<T: Float>(n: usize, rows: usize, seed: u64) {
    let (a, dy) = (numbers::<T>(n * rows, seed, 9.0), numbers::<T>(n * rows, seed + 1, 1.0));
    let (y, log_y) = naive_softmax(n, &double(&a));
    let (mut dx, mut log_dx) = (Vec::new(), Vec::new());
    for (y, dy) in y.chunks(n).zip(double(&dy).chunks(n)) {
        let dot: f64 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
        dx.extend(y.iter().zip(dy).map(|(y, dy)| y * (dy - dot)));
        let sum: f64 = dy.iter().sum();
        log_dx.extend(y.iter().zip(dy).map(|(y, dy)| dy - y * sum));
    }
    type Outputs<T> = [Vec<T>; 4];
    let outputs: Outputs<T> = core::array::from_fn(|_| vec![T::ZERO; n * rows]);
    let work = kernel!(|a: Vec<T>, dy: Vec<T>, n: usize; simd, out: Outputs<T>| {
        let [o0, o1, o2, o3] = out;
        softmax::softmax(simd, *n, a, o0);
        softmax::log_softmax(simd, *n, a, o1);
        softmax::softmax_backward(simd, *n, o0, dy, o2);
        softmax::log_softmax_backward(simd, *n, o1, dy, o3);
    });
    for_each_isa(Kernel(work, outputs), |isa, [o0, o1, o2, o3]| {
        assert_close(isa, "softmax", &o0, &y, 16.0);
        assert_close(isa, "log_softmax", &o1, &log_y, 16.0);
        assert_close(isa, "softmax_backward", &o2, &dx, 64.0);
        assert_close(isa, "log_softmax_backward", &o3, &log_dx, 256.0);
    });
}

fn cross_entropies<T: Float>(n: usize, rows: usize, seed: u64, smoothing: f64, weighted: bool) {
    let logits = numbers::<T>(n * rows, seed, 9.0);
    let classes: Vec<u32> = (0..rows).map(|row| ((seed as usize + row * 7) % n) as u32).collect();
    let weights: Vec<T> = numbers::<T>(n, seed + 1, 0.4).iter().map(|&w| w + T::ONE).collect();
    let weights = weighted.then_some(weights);
    let probabilities: Vec<T> = naive_softmax(n, &numbers::<f64>(n * rows, seed + 2, 1.0))
        .0
        .iter()
        .map(|&p| T::from_f64(p))
        .collect();
    let (y, log_y) = naive_softmax(n, &double(&logits));
    let scale = T::from_f64(0.37);
    let naive = |q: &dyn Fn(usize, usize) -> f64| {
        let (mut loss, mut gradient) = (0.0, Vec::new());
        for row in 0..rows {
            let weight = |c: usize| weights.as_ref().map_or(1.0, |w| w[c].to_f64());
            let q: Vec<f64> =
                (0..n).map(|c| weight(c) * ((1.0 - smoothing) * q(row, c) + smoothing / n as f64)).collect();
            let mass: f64 = q.iter().sum();
            for c in 0..n {
                loss -= q[c] * log_y[row * n + c];
                gradient.push(scale.to_f64() * (mass * y[row * n + c] - q[c]));
            }
        }
        (loss, gradient)
    };
    let by_index = naive(&|row, c| if classes[row] as usize == c { 1.0 } else { 0.0 });
    let by_probability = naive(&|row, c| probabilities[row * n + c].to_f64());
    let smoothing = T::from_f64(smoothing);
    type Outputs<T> = [Vec<T>; 3];
    let outputs: Outputs<T> = [vec![T::ZERO; n * rows], vec![T::ZERO; n * rows], Vec::new()];
    let work = kernel!(|logits: Vec<T>, classes: Vec<u32>, weights: Option<Vec<T>>, probabilities: Vec<T>, smoothing: T,
        scale: T, n: usize; simd, out: Outputs<T>| {
        let weights = weights.as_deref();
        let indices = ClassIndices { classes, weights, smoothing: *smoothing };
        let probabilities = ClassProbabilities { probabilities, weights, smoothing: *smoothing };
        let [o0, o1, losses] = out;
        losses.push(cross_entropy_indices(simd, Threads::ALONE, *n, logits, indices, *scale, Some(o0)).unwrap());
        losses.push(cross_entropy_indices(simd, Threads::ALONE, *n, logits, indices, *scale, None).unwrap());
        losses.push(cross_entropy_probabilities(simd, Threads::ALONE, *n, logits, probabilities, *scale, Some(o1)));
        losses.push(cross_entropy_probabilities(simd, Threads::ALONE, *n, logits, probabilities, *scale, None));
    });
    for_each_isa(Kernel(work, outputs), |isa, [o0, o1, losses]| {
        assert_close(isa, "cross-entropy of classes", &o0, &by_index.1, 32.0);
        assert_close(isa, "cross-entropy of probabilities", &o1, &by_probability.1, 32.0);
        let expected = [by_index.0, by_index.0, by_probability.0, by_probability.0];
        assert_close(isa, "loss", &losses, &expected, 64.0);
    });
}

/// Three steps of each optimizer.
fn updates<T: Float>(length: usize, seed: u64) {
    let p0 = numbers::<T>(length, seed, 2.0);
    let gradients: Vec<Vec<T>> = (1..4).map(|k| numbers::<T>(length, seed + k, 1.0)).collect();
    type Outputs<T> = [Vec<T>; 9];
    let outputs: Outputs<T> = core::array::from_fn(|_| p0.clone());
    let work = kernel!(|gradients: Vec<Vec<T>>; simd, out: Outputs<T>| {
        let [plain, heavy, ahead, mean_square, mean_square_heavy, adam_p, adamw_p, average, scaled] = out;
        let zeros = || vec![T::ZERO; plain.len()];
        let [mut v0, mut v1, mut v2, mut v3, mut v4] = core::array::from_fn(|_| zeros());
        let [mut m0, mut m1, mut s0, mut s1] = core::array::from_fn(|_| zeros());
        for (k, g) in gradients.iter().enumerate() {
            update::Sgd { momentum: 0.0, ..SGD }.step(simd, plain, g);
            SGD.step_with_momentum(simd, heavy, g, &mut v0);
            update::Sgd { nesterov: true, ..SGD }.step_with_momentum(simd, ahead, g, &mut v1);
            RMS.step(simd, mean_square, g, &mut v2);
            RMS.step_with_momentum(simd, mean_square_heavy, g, &mut v3, &mut v4);
            let step = k as u64 + 1;
            update::Adam::new(&ADAM, step, 0.5).step(simd, adam_p, g, &mut m0, &mut s0);
            let decoupled = update::AdamSettings { decoupled: true, ..ADAM };
            update::Adam::new(&decoupled, step, 0.5).step(simd, adamw_p, g, &mut m1, &mut s1);
            update::moving_average(simd, 0.9, g, average);
            update::scale(simd, T::from_f64(0.7), scaled);
        }
    });
    let mut expected: [Vec<f64>; 9] = core::array::from_fn(|_| double(&p0));
    for i in 0..length {
        let mut state = [0.0; 9];
        for (k, g) in gradients.iter().enumerate() {
            let g = g[i].to_f64() * 0.5;
            let t = k as i32 + 1;
            let decayed = |p: f64| g + 0.01 * p;
            let [plain, heavy, ahead, mean_square, mean_square_heavy, adam_p, adamw_p, average, scaled] =
                &mut expected;
            plain[i] -= 0.1 * decayed(plain[i]);
            state[0] = 0.9 * state[0] + decayed(heavy[i]);
            heavy[i] -= 0.1 * state[0];
            let d = decayed(ahead[i]);
            state[1] = 0.9 * state[1] + d;
            ahead[i] -= 0.1 * (d + 0.9 * state[1]);
            let d = decayed(mean_square[i]);
            state[2] = 0.99 * state[2] + 0.01 * d * d;
            mean_square[i] -= 0.01 * d / (state[2].sqrt() + 1e-3);
            let d = decayed(mean_square_heavy[i]);
            state[3] = 0.99 * state[3] + 0.01 * d * d;
            state[4] = 0.9 * state[4] + d / (state[3].sqrt() + 1e-3);
            mean_square_heavy[i] -= 0.01 * state[4];
            let mut adam = |p: &mut f64, d: f64, m: usize, v: usize| {
                state[m] = 0.9 * state[m] + 0.1 * d;
                state[v] = 0.999 * state[v] + 0.001 * d * d;
                let root = (state[v] / (1.0 - 0.999_f64.powi(t))).sqrt();
                *p -= 0.01 / (1.0 - 0.9_f64.powi(t)) * state[m] / (root + 1e-3);
            };
            let d = g + 0.02 * adam_p[i];
            adam(&mut adam_p[i], d, 5, 6);
            adamw_p[i] *= 1.0 - 0.01 * 0.02;
            adam(&mut adamw_p[i], g, 7, 8);
            average[i] = 0.9 * average[i] + 0.1 * (2.0 * g);
            scaled[i] *= 0.7;
        }
    }
    for_each_isa(Kernel(work, outputs), |isa, got| {
        for (k, (got, expected)) in got.iter().zip(&expected).enumerate() {
            assert_close(isa, &format!("update {k}"), got, expected, 32.0);
        }
    });
}

const SGD: update::Sgd = update::Sgd {
    gradient_scale: 0.5,
    learning_rate: 0.1,
    momentum: 0.9,
    weight_decay: 0.01,
    nesterov: false,
};
const RMS: update::RmsProp = update::RmsProp {
    gradient_scale: 0.5,
    learning_rate: 0.01,
    alpha: 0.99,
    epsilon: 1e-3,
    weight_decay: 0.01,
    momentum: 0.9,
};
const ADAM: update::AdamSettings = update::AdamSettings {
    learning_rate: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-3,
    weight_decay: 0.02,
    decoupled: false,
};

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![proptest::sample::select(&LENGTHS[..]), 0..200_usize]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn maps_are_the_function_everywhere(length in lengths(), seed in 0..1_000_000_u64) {
        maps::<f32>(length, seed);
        maps::<f64>(length, seed);
    }

    #[test]
    fn reductions_are_exact_to_rounding(length in lengths(), seed in 0..1_000_000_u64) {
        reductions::<f32>(length, seed);
        reductions::<f64>(length, seed);
    }

    #[test]
    fn softmax_is_the_formula(n in lengths(), rows in 0..5_usize, seed in 0..1_000_000_u64) {
        softmaxes::<f32>(n.max(1), rows, seed);
        softmaxes::<f64>(n.max(1), rows, seed);
    }

    #[test]
    fn cross_entropy_is_the_formula(
        n in lengths(),
        rows in prop_oneof![0..5_usize, 15..35_usize],
        seed in 0..1_000_000_u64,
        smoothing in prop_oneof![Just(0.0), Just(0.1)],
        weighted in any::<bool>(),
    ) {
        cross_entropies::<f32>(n.max(1), rows, seed, smoothing, weighted);
        cross_entropies::<f64>(n.max(1), rows, seed, smoothing, weighted);
    }

    #[test]
    fn updates_are_the_formulas(length in lengths(), seed in 0..1_000_000_u64) {
        updates::<f32>(length, seed);
        updates::<f64>(length, seed);
    }
}

/// A sum of a million numbers of one sign is within 1e-6 of the exact one, and the same everywhere.
#[test]
fn long_sums_are_accurate() {
    type T = f32;
    let x: Vec<f32> = numbers::<f32>(1_000_003, 5, 1.0).iter().map(|x| x + 1.0).collect();
    let exact: f64 = x.iter().map(|&x| f64::from(x)).sum();
    let work = kernel!(|x: Vec<f32>; simd, out: f32| *out = reduce::sum(simd, x));
    let mut first = None;
    for_each_isa(Kernel(work, 0.0), |isa, sum| {
        assert!((f64::from(sum) / exact - 1.0).abs() < 1e-6, "{isa}: {sum}, not {exact}");
        assert_eq!(*first.get_or_insert(sum), sum, "{isa}");
    });
}

/// NaN and infinities are found wherever they are, and argmax takes the first NaN, as PyTorch does.
#[test]
fn not_a_number_is_not_lost() {
    type T = f32;
    for length in [1, 16, 17, 100, 200] {
        for place in [0, length / 2, length - 1] {
            for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut x = numbers::<f32>(length, 3, 1.0);
                x[place] = odd;
                type Outputs = (bool, f32, f32, Option<usize>);
                let work = kernel!(|x: Vec<f32>; simd, out: Outputs| {
                    *out = (
                        reduce::all_finite(simd, x),
                        reduce::maximum(simd, x),
                        reduce::minimum(simd, x),
                        reduce::argmax(simd, x),
                    );
                });
                for_each_isa(
                    Kernel(work, (true, 0.0, 0.0, None)),
                    |isa, (finite, maximum, minimum, argmax)| {
                        assert!(!finite, "{isa}");
                        if odd.is_nan() {
                            assert!(maximum.is_nan() && minimum.is_nan(), "{isa} {length} {place}");
                        }
                        assert!(odd < 0.0 && length > 1 || argmax == Some(place), "{isa} {argmax:?} {place}");
                    },
                );
            }
        }
    }
}

/// A class that doesn't exist is an error that names it, and nothing is written.
#[test]
fn a_class_out_of_range_is_an_error() {
    type T = f32;
    let logits = vec![0.0; 30];
    let classes = vec![0, 10, 3];
    type Outputs = (Vec<f32>, Option<ClassOutOfRange>);
    let work = kernel!(|logits: Vec<f32>, classes: Vec<u32>; simd, out: Outputs| {
        let target = ClassIndices { classes, weights: None, smoothing: 0.0 };
        out.1 = cross_entropy_indices(simd, Threads::ALONE, 10, logits, target, 1.0, Some(&mut out.0)).err();
    });
    for_each_isa(Kernel(work, (vec![7.0; 30], None)), |_, (gradient, error)| {
        assert!(gradient.iter().all(|&g| g == 7.0));
        let error = error.unwrap();
        assert_eq!(error, ClassOutOfRange { row: 1, class: 10, classes: 10 });
        assert_eq!(
            error.to_string(),
            "row 1 of the batch has class 10, but the model has 10 classes: classes are numbered from 0 to 9"
        );
    });
}
