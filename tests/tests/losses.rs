//! Losses: against PyTorch, against naive twins at awkward lengths, and what they refuse.

use std::collections::BTreeSet;

use nanotorch::element::Float;
use nanotorch::loss::{
    BceWithLogits, CrossEntropy, DivergenceReduction, Hinge, Huber, KlDivergence, Loss, LossError, Mae, Mse,
    MultiClassHinge, Reduction, SmoothL1, SoftCrossEntropy,
};
use nanotorch::random::Random;
use nanotorch::shape::{R0, R1, R2, Shape};
use nanotorch_tests::every_isa::{self, LossResult};
use nanotorch_tests::golden::Golden;
use proptest::prelude::*;

const REDUCTIONS: [(&str, Reduction); 2] = [("mean", Reduction::Mean), ("sum", Reduction::Sum)];

/// A number of a target, from a golden file.
trait Target {
    fn target(number: f64) -> Self;
}
impl Target for f32 {
    fn target(number: f64) -> f32 {
        number as f32
    }
}
impl Target for f64 {
    fn target(number: f64) -> f64 {
        number
    }
}
impl Target for u32 {
    fn target(number: f64) -> u32 {
        number as u32
    }
}

/// The golden file, and the values in it that a loss was compared with.
struct Cases {
    golden: Golden,
    done: BTreeSet<String>,
}

impl Cases {
    /// Compares a loss in both precisions with a case.
    fn check<S: Shape, A, B>(&mut self, case: &str, reduction: &str, double: A, single: B)
    where
        A: Loss<S, f64, Target: Target> + Clone,
        B: Loss<S, f32, Target: Target> + Clone,
    {
        self.check_in::<S, f64, A>(case, reduction, double, 1e-10);
        self.check_in::<S, f32, B>(case, reduction, single, 1e-5);
        self.done.insert(format!("{case}.{reduction}"));
    }

    fn check_in<S: Shape, T: Float, L>(&self, case: &str, reduction: &str, loss: L, tolerance: f64)
    where
        L: Loss<S, T, Target: Target> + Clone,
    {
        let prediction: Vec<T> =
            self.golden.tensor(&format!("{case}.x")).1.into_iter().map(T::from_f64).collect();
        let target: Vec<L::Target> =
            self.golden.tensor(&format!("{case}.target")).1.into_iter().map(Target::target).collect();
        assert_eq!(target.len(), prediction.len() / S::LEN * L::TARGETS, "{case}");
        loss.check(&target).unwrap();
        every_isa::loss::<S, T, L>(&loss, &prediction, &target, |_, result| {
            let LossResult { value, value_with_gradient, gradient } = result;
            let name = format!("{case}.{reduction}.value");
            self.golden.assert_close(&name, &[value.to_f64()], tolerance);
            self.golden.assert_close(&name, &[value_with_gradient.to_f64()], tolerance);
            let gradient: Vec<f64> = gradient.into_iter().map(Float::to_f64).collect();
            self.golden.assert_close(&format!("{case}.{reduction}.dx"), &gradient, tolerance);
        });
    }

    /// A tensor of weights.
    fn weights<T: Float, const N: usize>(&self, name: &str) -> [T; N] {
        let weights: Vec<T> = self.golden.values(name, &[N]).into_iter().map(T::from_f64).collect();
        weights.try_into().unwrap()
    }
}

#[test]
fn every_golden_case() {
    let mut cases = Cases { golden: Golden::open("losses"), done: BTreeSet::new() };
    for (name, reduction) in REDUCTIONS {
        // These look at one number at a time, so the shape plays no part.
        type One = R1<1>;
        type Classes = R1<7>;
        macro_rules! check {
            ($S:ty, $case:literal, $loss:expr) => {
                cases.check::<$S, _, _>($case, name, $loss, $loss)
            };
            ($S:ty, $case:literal, $loss:expr, weights: $weights:literal) => {{
                let (double, single) = (
                    cases.weights(concat!($case, ".", $weights)),
                    cases.weights(concat!($case, ".", $weights)),
                );
                let double: [f64; <$S as Shape>::LEN] = double;
                let single: [f32; <$S as Shape>::LEN] = single;
                cases.check::<$S, _, _>($case, name, $loss.weighted(double), $loss.weighted(&single))
            }};
        }
        check!(One, "mse", Mse { reduction });
        check!(One, "l1", Mae { reduction });
        check!(One, "huber", Huber { reduction, ..Huber::default() });
        check!(One, "huber_0_5", Huber { reduction, delta: 0.5 });
        check!(One, "smooth_l1_0_5", SmoothL1 { reduction, beta: 0.5 });
        let plain = CrossEntropy { reduction, ..CrossEntropy::default() };
        let smoothed = CrossEntropy { smoothing: 0.1, ..plain };
        check!(Classes, "cross_entropy", plain);
        check!(Classes, "cross_entropy_smoothing", smoothed);
        check!(Classes, "cross_entropy_weight", plain, weights: "weight");
        check!(Classes, "cross_entropy_weight_smoothing", smoothed, weights: "weight");
        let plain = SoftCrossEntropy { reduction, ..SoftCrossEntropy::default() };
        check!(Classes, "cross_entropy_probability", plain);
        let smoothed = SoftCrossEntropy { smoothing: 0.1, ..plain };
        check!(Classes, "cross_entropy_probability_smoothing", smoothed);
        check!(Classes, "cross_entropy_probability_weight", plain, weights: "weight");
        let plain = BceWithLogits { reduction, ..BceWithLogits::default() };
        check!(One, "bce_with_logits", plain);
        check!(R1<5>, "bce_with_logits_pos_weight", plain, weights: "pos_weight");
        check!(One, "hinge", Hinge { reduction });
        check!(Classes, "multi_class_hinge", MultiClassHinge { reduction, ..MultiClassHinge::default() });
    }
    for (name, reduction) in [
        ("mean", DivergenceReduction::Mean),
        ("sum", DivergenceReduction::Sum),
        ("batchmean", DivergenceReduction::BatchMean),
    ] {
        let loss = KlDivergence { reduction };
        cases.check::<R1<7>, _, _>("kl_div", name, loss, loss);
    }
    let names = cases.golden.names();
    let expected: BTreeSet<String> =
        names.iter().filter_map(|name| Some(name.strip_suffix(".value")?.to_owned())).collect();
    assert_eq!(cases.done, expected, "a golden case has no test");
}

#[test]
fn axes_before_the_last_are_samples() {
    let mut random = Random::new(5);
    let prediction: Vec<f64> = (0..30).map(|_| random.normal()).collect();
    let classes = [4, 0, 2, 2, 1, 3];
    fn same<A: Shape, B: Shape, L>(loss: L, prediction: &[f64], target: &[<L as Loss<A, f64>>::Target])
    where
        L: Loss<A, f64> + Loss<B, f64, Target = <L as Loss<A, f64>>::Target> + Clone,
    {
        let mut results = Vec::new();
        every_isa::loss::<A, f64, L>(&loss, prediction, target, |_, result| results.push(result));
        let mut results = results.into_iter();
        every_isa::loss::<B, f64, L>(&loss, prediction, target, |isa, b| {
            let a = results.next().unwrap();
            assert_eq!((a.value, a.gradient), (b.value, b.gradient), "{isa}");
        });
    }
    same::<R1<5>, R2<3, 5>, _>(CrossEntropy::default(), &prediction, &classes);
    same::<R1<5>, R2<2, 5>, _>(MultiClassHinge::default(), &prediction, &classes);
    same::<R1<5>, R2<3, 5>, _>(Mse::default(), &prediction, &prediction.map_numbers(|x| x + 1.0));
    same::<R1<5>, R2<3, 5>, _>(
        BceWithLogits::default().weighted([1.0, 2.0, 3.0, 0.0, 1.0]),
        &prediction,
        &prediction.map_numbers(|x| x * x / (1.0 + x * x)),
    );
    same::<R1<1>, R0, _>(Hinge::default(), &prediction, &prediction.map_numbers(f64::signum));
}

trait MapNumbers {
    fn map_numbers(&self, f: impl Fn(f64) -> f64) -> Vec<f64>;
}
impl MapNumbers for Vec<f64> {
    fn map_numbers(&self, f: impl Fn(f64) -> f64) -> Vec<f64> {
        self.iter().map(|&x| f(x)).collect()
    }
}

/// A loss and its derivative for one pair, as their definitions say.
type Twin = fn(f64, f64) -> (f64, f64);

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn huber(d: f64, delta: f64) -> (f64, f64) {
    if d.abs() <= delta { (d * d / 2.0, d) } else { (delta * (d.abs() - delta / 2.0), delta * d.signum()) }
}

fn mse_twin(x: f64, t: f64) -> (f64, f64) {
    ((x - t) * (x - t), 2.0 * (x - t))
}

fn bce_twin(x: f64, t: f64) -> (f64, f64) {
    (-(t * sigmoid(x).ln() + (1.0 - t) * sigmoid(-x).ln()), sigmoid(x) - t)
}

fn kl_twin(x: f64, t: f64) -> (f64, f64) {
    (if t == 0.0 { 0.0 } else { t * (t.ln() - x) }, -t)
}

/// The sum, with what rounding loses carried along.
fn accurate_sum(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for number in numbers {
        let next = sum + (number - lost);
        lost = (next - sum) - (number - lost);
        sum = next;
    }
    sum
}

/// Compares a sum over pairs with its twin in both precisions; the predictions are of length 1 a sample, so any number is a length.
fn against_twin<L>(loss: L, twin: Twin, prediction: &[f64], target: &[f64])
where
    L: Loss<R1<1>, f64, Target = f64> + Loss<R1<1>, f32, Target = f32> + Clone,
{
    fn check<T: Float, L: Loss<R1<1>, T, Target = T> + Clone>(loss: L, twin: Twin, x: &[f64], t: &[f64]) {
        let (x, t): (Vec<T>, Vec<T>) =
            x.iter().zip(t).map(|(&x, &t)| (T::from_f64(x), T::from_f64(t))).unzip();
        let pairs: Vec<(f64, f64)> = x.iter().zip(&t).map(|(x, t)| twin(x.to_f64(), t.to_f64())).collect();
        let sum = accurate_sum(pairs.iter().map(|pair| pair.0));
        let size: f64 = pairs.iter().map(|pair| pair.0.abs()).sum();
        every_isa::loss::<R1<1>, T, L>(&loss, &x, &t, |isa, result| {
            let bound = 8.0 * T::EPSILON.to_f64();
            let error = (result.value.to_f64() - sum).abs();
            assert!(error <= bound * (size + 1.0), "{isa}: {} is not {sum}", result.value);
            assert_eq!(result.value, result.value_with_gradient);
            for (index, (got, pair)) in result.gradient.iter().zip(&pairs).enumerate() {
                let error = (got.to_f64() - pair.1).abs();
                assert!(error <= bound * (pair.1.abs() + 1.0), "{isa} {index}: {got}, not {}", pair.1);
            }
        });
    }
    check::<f64, L>(loss.clone(), twin, prediction, target);
    check::<f32, L>(loss, twin, prediction, target);
}

fn hinge_of_classes<const N: usize>(rows: usize, random: &mut Random) {
    let x: Vec<f64> = (0..rows * N).map(|_| f64::from(random.normal() as f32)).collect();
    let classes: Vec<u32> = (0..rows).map(|_| random.below(N) as u32).collect();
    let (mut sum, mut gradient) = (0.0, vec![0.0; x.len()]);
    for (row, &class) in classes.iter().enumerate() {
        let right = row * N + class as usize;
        for other in (row * N..(row + 1) * N).filter(|&other| other != right) {
            let lacking = 1.0 - x[right] + x[other];
            if lacking > 0.0 {
                sum += lacking / N as f64;
                gradient[other] += 1.0 / N as f64;
                gradient[right] -= 1.0 / N as f64;
            }
        }
    }
    let loss = MultiClassHinge { reduction: Reduction::Sum, ..MultiClassHinge::default() };
    every_isa::loss::<R1<N>, f64, _>(&loss, &x, &classes, |isa, result| {
        assert!((result.value - sum).abs() <= 1e-13 * (1.0 + sum), "{isa}: {} is not {sum}", result.value);
        for (got, expected) in result.gradient.iter().zip(&gradient) {
            assert!((got - expected).abs() <= 1e-13, "{isa}: {got} is not {expected}");
        }
    });
    let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
    every_isa::loss::<R1<N>, f32, _>(&loss, &single, &classes, |isa, result| {
        let error = (f64::from(result.value) - sum).abs();
        assert!(error <= 1e-6 * (1.0 + sum), "{isa}: {} is not {sum}", result.value);
    });
}

fn weighted_bce<const N: usize>(rows: usize, random: &mut Random) {
    let x: Vec<f64> = (0..rows * N).map(|_| 3.0 * random.normal()).collect();
    let t: Vec<f64> = x.iter().map(|_| random.uniform_f64()).collect();
    let weights: [f64; N] = core::array::from_fn(|_| 3.0 * random.uniform_f64());
    let loss = BceWithLogits { reduction: Reduction::Sum, pos_weight: weights };
    let term = |index: usize| {
        let (x, t, w) = (x[index], t[index], weights[index % N]);
        let value = -(w * t * sigmoid(x).ln() + (1.0 - t) * sigmoid(-x).ln());
        (value, (1.0 - t) * sigmoid(x) - w * t * sigmoid(-x))
    };
    let sum: f64 = (0..x.len()).map(|index| term(index).0).sum();
    every_isa::loss::<R1<N>, f64, _>(&loss, &x, &t, |isa, result| {
        assert!((result.value - sum).abs() <= 1e-12 * (1.0 + sum), "{isa}: {} is not {sum}", result.value);
        for (index, got) in result.gradient.iter().enumerate() {
            assert!((got - term(index).1).abs() <= 1e-13, "{isa} {index}: {got}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pairs_agree_with_their_twins(length in 1_usize..200, seed: u64) {
        let mut random = Random::new(seed);
        let x: Vec<f64> = (0..length).map(|_| 4.0 * random.normal()).collect();
        let t: Vec<f64> = (0..length).map(|_| random.normal()).collect();
        let reduction = Reduction::Sum;
        against_twin(Mse { reduction }, mse_twin, &x, &t);
        against_twin(Mae { reduction }, |x, t| ((x - t).abs(), if x == t { 0.0 } else { (x - t).signum() }), &x, &t);
        against_twin(Huber { reduction, delta: 1.5 }, |x, t| huber(x - t, 1.5), &x, &t);
        against_twin(SmoothL1 { reduction, beta: 2.5 }, |x, t| {
            let (value, slope) = huber(x - t, 2.5);
            (value / 2.5, slope / 2.5)
        }, &x, &t);
        let signs = t.map_numbers(f64::signum);
        against_twin(Hinge { reduction }, |x, t| {
            let lacking = 1.0 - t * x;
            if lacking > 0.0 { (lacking, -t) } else { (0.0, 0.0) }
        }, &x, &signs);
        let probabilities: Vec<f64> = t
            .iter()
            .enumerate()
            .map(|(index, t)| match index % 5 { 0 => 0.0, 1 => 1.0, _ => sigmoid(*t) })
            .collect();
        against_twin(BceWithLogits { reduction, ..BceWithLogits::default() }, bce_twin, &x, &probabilities);
        let logs = x.map_numbers(|x| -x.abs());
        against_twin(KlDivergence { reduction: DivergenceReduction::Sum }, kl_twin, &logs, &probabilities);
    }

    #[test]
    fn rows_agree_with_their_twins(rows in 1_usize..20, seed: u64) {
        let random = &mut Random::new(seed);
        hinge_of_classes::<1>(rows, random);
        hinge_of_classes::<2>(rows, random);
        hinge_of_classes::<17>(rows, random);
        hinge_of_classes::<40>(rows, random);
        weighted_bce::<1>(rows, random);
        weighted_bce::<9>(rows, random);
        weighted_bce::<33>(rows, random);
    }
}

#[test]
fn long_sums_are_accurate() {
    let mut random = Random::new(1);
    let x: Vec<f64> = (0..200_001).map(|_| f64::from(random.uniform_f32())).collect();
    let zeros = vec![0.0; x.len()];
    against_twin(Mse { reduction: Reduction::Sum }, mse_twin, &x, &zeros);
    let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
    let classes: Vec<u32> = (0..single.len() / 3).map(|row| row as u32 % 3).collect();
    let mut value = None;
    every_isa::loss::<R1<3>, f32, _>(&MultiClassHinge::default(), &single, &classes, |isa, result| {
        let first = *value.get_or_insert(result.value);
        assert!((result.value - first).abs() <= 2.0 * f32::EPSILON * first, "{isa}");
    });
    let twin = accurate_sum(classes.iter().enumerate().map(|(row, &class)| {
        let row = &x[3 * row..][..3];
        let right = row[class as usize];
        row.iter().map(|other| (1.0 - right + other).max(0.0)).sum::<f64>() - 1.0
    }));
    let mean = twin / single.len() as f64;
    let got = f64::from(value.unwrap());
    assert!((got - mean).abs() <= 4.0 * f64::from(f32::EPSILON) * mean, "{got} is not {mean}");
}

#[test]
fn a_sure_and_right_prediction_has_a_small_gradient_that_is_not_rounded_away() {
    let small = (-60.0_f64).exp();
    let close = |got: f64, expected: f64| (got - expected).abs() <= 1e-12 * expected.abs();
    every_isa::loss::<R1<2>, f64, _>(
        &BceWithLogits::default(),
        &[-60.0, 60.0],
        &[0.0, 1.0],
        |isa, result| {
            assert!(close(result.gradient[0], small / 2.0), "{isa}: {:?}", result.gradient);
            assert!(close(result.gradient[1], -small / 2.0), "{isa}: {:?}", result.gradient);
            assert!(close(result.value, small), "{isa}: {}", result.value);
        },
    );
}

#[test]
fn numbers_that_are_none_show_in_the_loss() {
    fn nan<L: Loss<R1<3>, f32, Target: Copy> + Clone>(loss: L, target: &[L::Target]) {
        every_isa::loss::<R1<3>, f32, L>(&loss, &[0.5, f32::NAN, 0.5], target, |isa, result| {
            assert!(result.value.is_nan() && result.value_with_gradient.is_nan(), "{isa}: {}", result.value);
        });
    }
    nan(Mse::default(), &[0.0; 3]);
    nan(Mae::default(), &[0.0; 3]);
    nan(Huber::default(), &[0.0; 3]);
    nan(SmoothL1::default(), &[0.0; 3]);
    nan(Hinge::default(), &[1.0; 3]);
    nan(BceWithLogits::default(), &[1.0; 3]);
    nan(KlDivergence::default(), &[0.5; 3]);
    nan(SoftCrossEntropy::default(), &[0.5, 0.25, 0.25]);
    nan(CrossEntropy::default(), &[0]);
    nan(MultiClassHinge::default(), &[0]);
    // A class that `check` would have refused.
    every_isa::loss::<R1<3>, f32, _>(&CrossEntropy::default(), &[0.0; 3], &[3], |_, result| {
        assert!(result.value.is_nan() && result.gradient.iter().all(|number| number.is_nan()));
    });
    every_isa::loss::<R1<3>, f32, _>(&MultiClassHinge::default(), &[0.0; 3], &[3], |_, result| {
        assert!(result.value.is_nan() && result.gradient.iter().all(|number| number.is_nan()));
    });
}

#[test]
fn a_target_of_probability_zero_costs_nothing_even_where_the_prediction_is_sure() {
    every_isa::loss::<R1<2>, f64, _>(
        &KlDivergence::default(),
        &[f64::NEG_INFINITY, 0.0],
        &[0.0, 1.0],
        |_, result| {
            assert_eq!(result.value, 0.0);
        },
    );
}

fn refusal<S: Shape, L: Loss<S, f32>>(loss: L, targets: &[L::Target]) -> String {
    loss.check(targets).unwrap_err().to_string()
}

#[test]
fn bad_targets_are_named() {
    type S = R1<3>;
    assert_eq!(
        refusal::<S, _>(CrossEntropy::default(), &[0, 2, 3]),
        "target 2 is class 3, but the prediction has 3 classes, 0 to 2"
    );
    assert_eq!(
        Loss::<S, f32>::check(&MultiClassHinge::default(), &[u32::MAX]),
        Err(LossError::ClassOutOfRange { index: 0, class: u32::MAX as usize, classes: 3 })
    );
    for (message, expected) in [
        (
            refusal::<S, _>(Mse::default(), &[0.0, f32::NAN]),
            "target 1 is NaN, but this loss takes targets that are finite",
        ),
        (
            refusal::<S, _>(Mae::default(), &[f32::INFINITY]),
            "target 0 is inf, but this loss takes targets that are finite",
        ),
        (
            refusal::<S, _>(Hinge::default(), &[1.0, -1.0, 0.5]),
            "target 2 is 0.5, but this loss takes targets of 1 or -1",
        ),
        (
            refusal::<S, _>(Hinge::default(), &[f32::NAN]),
            "target 0 is NaN, but this loss takes targets of 1 or -1",
        ),
        (
            refusal::<S, _>(BceWithLogits::default(), &[0.0, 1.5]),
            "target 1 is 1.5, but this loss takes targets from 0 to 1",
        ),
        (
            refusal::<S, _>(SoftCrossEntropy::default(), &[-0.25]),
            "target 0 is -0.25, but this loss takes targets from 0 to 1",
        ),
        (
            refusal::<S, _>(KlDivergence::default(), &[f32::NAN]),
            "target 0 is NaN, but this loss takes targets from 0 to 1",
        ),
    ] {
        assert_eq!(message, expected);
    }
}

#[test]
fn bad_settings_are_named() {
    type S = R1<3>;
    for (message, expected) in [
        (
            refusal::<S, _>(Huber { delta: 0.0, ..Huber::default() }, &[]),
            "the loss's `delta` is 0; it must be finite and above 0",
        ),
        (
            refusal::<S, _>(SmoothL1 { beta: f64::NAN, ..SmoothL1::default() }, &[]),
            "the loss's `beta` is NaN; it must be finite and above 0",
        ),
        (
            refusal::<S, _>(MultiClassHinge { margin: -1.0, ..MultiClassHinge::default() }, &[]),
            "the loss's `margin` is -1; it must be finite and above 0",
        ),
        (
            refusal::<S, _>(CrossEntropy { smoothing: 1.5, ..CrossEntropy::default() }, &[]),
            "the loss's `smoothing` is 1.5; it must be from 0 to 1",
        ),
        (
            refusal::<S, _>(CrossEntropy::default().weighted([1.0, -2.0, 1.0]), &[]),
            "the loss's `weights` is -2; it must be finite and not negative",
        ),
        (
            refusal::<S, _>(BceWithLogits::default().weighted([1.0, f32::INFINITY, 1.0]), &[]),
            "the loss's `pos_weight` is inf; it must be finite and not negative",
        ),
    ] {
        assert_eq!(message, expected);
    }
}
