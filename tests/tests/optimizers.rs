//! Optimizers, clipping, the moving average and schedules against PyTorch's, and what they do with parts of a model.

use nanotorch::device::Cpu;
use nanotorch::element::Float;
use nanotorch::layer::{Bias, Linear};
use nanotorch::model::{Module, Parameter, Parameters};
use nanotorch::optimizer::{
    Adam, AdamW, GroupSetting, Groups, MovingAverage, NoDecayOnBiases, NoDecayOnVectors, Optimizer, RmsProp,
    Rule, Settings, Sgd, clip_norm, clip_value, first_non_finite, norm, scale,
};
use nanotorch::prelude::*;
use nanotorch::schedule::{Constant, Cosine, OneCycle, Schedule, Step};
use nanotorch::simd::{Isa, Simd, WithSimd, dispatch_on};
use nanotorch_tests::golden::Golden;
use proptest::prelude::*;

/// The model of the golden files.
type Dense<T> = Linear<7, 5, Bias, T>;

/// One step on a chosen instruction set.
struct OneStep<'a, M: Module, O> {
    optimizer: &'a mut O,
    model: &'a mut M,
    gradient: &'a mut M::Gradient,
}

impl<M: Module, O: Optimizer<M>> WithSimd for OneStep<'_, M, O> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.optimizer.step(&mut Cpu::new(simd), self.model, self.gradient);
    }
}

fn step<M: Module>(
    isa: Isa,
    optimizer: &mut impl Optimizer<M>,
    model: &mut M,
    gradient: &mut M::Gradient,
) -> bool {
    dispatch_on(isa, OneStep { optimizer, model, gradient }).is_some()
}

/// Reads weight and bias, those at `index` if there are several.
fn dense<T: Float>(golden: &Golden, case: &str, index: usize) -> Box<Dense<T>> {
    let mut model = Dense::<T>::zeroed();
    let tensors = [
        (format!("{case}.weight"), model.weight.as_flattened_mut()),
        (format!("{case}.bias"), &mut model.bias[..]),
    ];
    for (name, numbers) in tensors {
        let (_, values) = golden.tensor(&name);
        let start = index * numbers.len();
        for (number, &value) in numbers.iter_mut().zip(&values[start..]) {
            *number = T::from_f64(value);
        }
    }
    model
}

/// Weights and biases of each step one after the other, to be compared with `<case>.<kind>.weight` and `.bias`.
#[derive(Default)]
struct History([Vec<f64>; 2]);

impl History {
    fn push<T: Float>(&mut self, model: &Dense<T>) {
        self.0[0].extend(model.weight.as_flattened().iter().map(|number| number.to_f64()));
        self.0[1].extend(model.bias.iter().map(|number| number.to_f64()));
    }

    fn check(&self, golden: &Golden, case: &str, tolerance: f64) {
        golden.assert_close(&format!("{case}.weight"), &self.0[0], tolerance);
        golden.assert_close(&format!("{case}.bias"), &self.0[1], tolerance);
    }
}

fn trajectory<T: Float>(
    golden: &Golden,
    case: &str,
    settings: Settings<impl Rule, impl Groups + Clone>,
    tolerance: f64,
) {
    let settings = settings.check().expect("PyTorch takes these settings too");
    for isa in Isa::ALL {
        let mut model = dense::<T>(golden, "common.param", 0);
        let mut optimizer = settings.clone().build::<Dense<T>>();
        let mut history = History::default();
        for index in 0..10 {
            let mut gradient = dense::<T>(golden, "common.grad", index);
            if !step(isa, &mut optimizer, &mut *model, &mut gradient) {
                break;
            }
            history.push(&model);
        }
        if isa.is_available() {
            history.check(golden, &format!("{case}.param"), tolerance);
            assert_eq!(optimizer.steps(), 10);
        }
    }
}

/// Both element types, every instruction set.
fn follows_pytorch(case: &str, settings: Settings<impl Rule, impl Groups + Clone>) {
    let golden = Golden::open("optimizers");
    trajectory::<f64>(&golden, case, settings.clone(), 1e-12);
    trajectory::<f32>(&golden, case, settings, 1e-6);
}

#[test]
fn sgd() {
    follows_pytorch("sgd", Sgd::new(0.1));
    follows_pytorch("sgd_momentum", Sgd::new(0.1).momentum(0.9));
    follows_pytorch("sgd_nesterov", Sgd::new(0.1).momentum(0.9).nesterov());
    follows_pytorch("sgd_weight_decay", Sgd::new(0.1).weight_decay(0.01));
    follows_pytorch("sgd_momentum_weight_decay", Sgd::new(0.1).momentum(0.9).weight_decay(0.01));
}

#[test]
fn adam() {
    follows_pytorch("adam", Adam::new(0.01));
    follows_pytorch("adam_betas", Adam::new(0.01).betas(0.8, 0.95).epsilon(1e-6));
    follows_pytorch("adam_weight_decay", Adam::new(0.01).weight_decay(0.01));
}

#[test]
fn adamw() {
    follows_pytorch("adamw", AdamW::new(0.01));
    follows_pytorch("adamw_weight_decay", AdamW::new(0.01).weight_decay(0.1));
}

#[test]
fn rms_prop() {
    follows_pytorch("rmsprop", RmsProp::new(0.01));
    follows_pytorch("rmsprop_momentum", RmsProp::new(0.01).momentum(0.9));
    follows_pytorch("rmsprop_weight_decay", RmsProp::new(0.01).weight_decay(0.01));
}

#[test]
fn groups() {
    let settings = AdamW::new(0.01).weight_decay(0.1);
    follows_pytorch("adamw_no_bias_decay", settings.groups(NoDecayOnBiases));
    follows_pytorch("adamw_no_bias_decay", settings.groups(NoDecayOnVectors));
    let plain = |_: &Parameter<'_>| GroupSetting::PLAIN;
    follows_pytorch("adamw_weight_decay", settings.groups(plain));
    let tenfold = |_: &Parameter<'_>| GroupSetting { rate_scale: 10.0, decay_scale: 0.1 };
    follows_pytorch("adamw", AdamW::new(0.001).weight_decay(0.1).groups(tenfold));
}

#[test]
fn clipping_in_the_step() {
    follows_pytorch("sgd_clip_norm", Sgd::new(0.1).clip_norm(1.0));
    follows_pytorch("sgd_clip_value", Sgd::new(0.1).clip_value(0.5));
}

fn clipping_by_hand<T: Float>(tolerance: f64) {
    let golden = Golden::open("optimizers");
    let (mut by_norm, mut by_value) = (History::default(), History::default());
    let mut norms = Vec::new();
    for index in 0..10 {
        let mut gradient = dense::<T>(&golden, "common.grad", index);
        norms.push(clip_norm(&mut *gradient, 1.0));
        assert!(norm(&*gradient) <= 1.0 + tolerance);
        by_norm.push(&gradient);
        let mut gradient = dense::<T>(&golden, "common.grad", index);
        clip_value(&mut *gradient, 0.5);
        by_value.push(&gradient);
    }
    golden.assert_close("clip_norm.norm", &norms, tolerance);
    by_norm.check(&golden, "clip_norm.grad", tolerance);
    by_value.check(&golden, "clip_value.grad", tolerance);
}

#[test]
fn clipping_as_functions() {
    clipping_by_hand::<f64>(1e-12);
    clipping_by_hand::<f32>(1e-6);
}

#[test]
fn clipping_treats_extremes_as_pytorch_does() {
    // Squares that overflow in f32 don't make the norm infinite.
    let mut large = [3e30_f32, -4e30];
    assert!((clip_norm(&mut large, 5.0) / 5e30 - 1.0).abs() < 1e-6);
    assert!((large[0] - 3.0).abs() < 1e-5 && (large[1] + 4.0).abs() < 1e-5);
    let mut infinite = [f32::INFINITY, 1.0];
    assert_eq!(clip_norm(&mut infinite, 1.0), f64::INFINITY);
    assert!(infinite[0].is_nan() && infinite[1] == 0.0);
    let mut unknown = [f32::NAN, 1.0];
    assert!(clip_norm(&mut unknown, 1.0).is_nan() && unknown[1].is_nan());
    let mut numbers = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0];
    clip_value(&mut numbers, 2.0);
    assert!(numbers[0].is_nan() && numbers[1..] == [2.0, -2.0, 0.0]);
    assert_eq!(clip_norm(&mut [0.0_f32; 0], 1.0), 0.0);
}

fn average<T: Float>(tolerance: f64) {
    let golden = Golden::open("optimizers");
    let mut average = MovingAverage::<Dense<T>>::new(0.9);
    let mut history = History::default();
    for index in 0..10 {
        average.update(&dense::<T>(&golden, "sgd.param", index));
        history.push(average.model());
    }
    history.check(&golden, "moving_average.param", tolerance);
    assert_eq!(average.updates(), 10);
}

#[test]
fn moving_average() {
    average::<f64>(1e-12);
    average::<f32>(1e-6);
}

/// A model with a frozen part in the middle, so that gradient and model don't run along each other.
#[model(input = [3])]
pub struct Mixed {
    first: Linear<3, 5>,
    tanh: Tanh,
    #[frozen]
    middle: Linear<5, 4>,
    blocks: [Block; 2],
    last: Linear<4, 2, NoBias>,
}

/// A part of it.
#[model]
pub struct Block {
    fc: Linear<4, 4>,
    relu: Relu,
}

/// The same step, number by number, with the place of each found through the names.
fn naive_sgd(model: &mut Mixed, gradient: &<Mixed as Module>::Gradient, velocity: &mut [f32], decay: bool) {
    nanotorch::model::for_each_parameter::<Mixed>(|parameter| {
        let Some(gradients) = parameter.gradient_range() else { return };
        let bias = parameter.path.to_string().ends_with("bias");
        for (place, along) in parameter.range().zip(gradients) {
            let p = &mut model.values_mut()[place];
            let decay = if decay && !bias { 0.1 } else { 0.0 };
            velocity[along] = 0.5 * velocity[along] + (gradient.values()[along] + decay * *p);
            *p -= 0.25 * velocity[along];
        }
    });
}

#[test]
fn frozen_fields_stay_and_the_rest_is_walked_by_name() {
    for (isa, decay) in Isa::ALL.into_iter().flat_map(|isa| [(isa, false), (isa, true)]) {
        if !isa.is_available() {
            continue;
        }
        let mut model = Mixed::new(3);
        let before = model.boxed_copy();
        let mut twin = model.boxed_copy();
        let settings = Sgd::new(0.25).momentum(0.5).weight_decay(if decay { 0.1 } else { 0.0 });
        let mut plain = settings.build::<Mixed>();
        let mut grouped = settings.groups(NoDecayOnBiases).build::<Mixed>();
        let mut gradient = <Mixed as Module>::Gradient::zeroed();
        let mut velocity = vec![0.0; gradient.values().len()];
        let mut random = Random::new(9);
        for _ in 0..5 {
            for number in gradient.values_mut() {
                *number = random.normal() as f32;
            }
            naive_sgd(&mut twin, &gradient, &mut velocity, decay);
            if decay {
                step(isa, &mut grouped, &mut *model, &mut gradient);
            } else {
                step(isa, &mut plain, &mut *model, &mut gradient);
            }
        }
        assert_eq!(model.middle.weight, before.middle.weight);
        assert_eq!(model.middle.bias, before.middle.bias);
        assert_ne!(model.last.weight, before.last.weight);
        for (number, expected) in model.values().iter().zip(twin.values()) {
            assert!((number - expected).abs() < 1e-5, "{isa}: {number} {expected}");
        }
    }
}

#[test]
fn a_moving_average_copies_what_is_frozen() {
    let (first, mut second) = (Mixed::new(1), Mixed::new(2));
    let mut average = MovingAverage::<Mixed>::new(0.5);
    average.update(&first);
    assert_eq!(average.model().values(), first.values());
    second.middle.bias[2] = 77.0;
    average.update(&second);
    assert_eq!(average.model().middle.weight, second.middle.weight);
    assert_eq!(average.model().middle.bias, second.middle.bias);
    let halves = |a: &Mixed, b: &Mixed| (a.blocks[1].fc.weight[3][1] + b.blocks[1].fc.weight[3][1]) / 2.0;
    assert!((average.model().blocks[1].fc.weight[3][1] - halves(&first, &second)).abs() < 1e-6);
}

/// Arithmetic with subnormal numbers is many times slower, and rounding keeps a moment from ever leaving them.
#[test]
fn moments_of_gradients_that_stay_0_become_0() {
    fn check(isa: Isa, mut optimizer: impl Optimizer<Mixed>) {
        let (mut model, mut gradient) = (Mixed::new(3), <Mixed as Module>::Gradient::zeroed());
        for (place, number) in gradient.values_mut().iter_mut().enumerate() {
            *number = if place % 3 == 0 { 1.0 } else { 1e-3 };
        }
        step(isa, &mut optimizer, &mut *model, &mut gradient);
        gradient.values_mut().fill(0.0);
        for _ in 0..2000 {
            step(isa, &mut optimizer, &mut *model, &mut gradient);
            optimizer.moments(&mut |name, moment| {
                assert!(!moment.values().iter().any(|number| number.is_subnormal()), "{isa}: {name}");
            });
        }
        gradient.values_mut().fill(f32::NAN);
        step(isa, &mut optimizer, &mut *model, &mut gradient);
        optimizer.moments(&mut |name, moment| {
            assert!(moment.values().iter().all(|number| number.is_nan()), "{isa}: {name}");
        });
    }
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        check(isa, Sgd::new(0.1).momentum(0.9).build::<Mixed>());
        check(isa, Adam::new(0.1).betas(0.9, 0.9).build::<Mixed>());
        check(isa, RmsProp::new(0.1).alpha(0.9).momentum(0.9).build::<Mixed>());
    }
}

#[test]
fn what_is_not_finite_is_named_and_skipped() {
    let mut model = Mixed::new(3);
    let before = model.boxed_copy();
    let mut optimizer = Adam::new(0.1).skip_non_finite().build::<Mixed>();
    let mut gradient = <Mixed as Module>::Gradient::zeroed();
    gradient.values_mut().fill(1.0);
    gradient.blocks[1].fc.weight[2][3] = f32::NEG_INFINITY;
    assert!(step(Isa::Scalar, &mut optimizer, &mut *model, &mut gradient));
    assert_eq!(model.values(), before.values());
    assert!(optimizer.skipped());
    assert_eq!(optimizer.steps(), 0);
    let found = optimizer.non_finite(&gradient).expect("a number isn't finite");
    assert_eq!(found.to_string(), "`blocks.1.fc.weight` is -inf at [2, 3]");
    assert_eq!(first_non_finite(&*gradient), Some(found));
    optimizer.moments(&mut |name, moment| assert!(moment.values().iter().all(|&m| m == 0.0), "{name}"));
    gradient.blocks[1].fc.weight[2][3] = 1.0;
    assert!(step(Isa::Scalar, &mut optimizer, &mut *model, &mut gradient));
    assert!(!optimizer.skipped() && optimizer.non_finite(&gradient).is_none());
    assert_ne!(model.values(), before.values());
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let message = |result: Result<(), nanotorch::optimizer::SettingError>| result.unwrap_err().to_string();
    assert_eq!(
        message(Sgd::new(f64::NAN).check().map(drop)),
        "the optimizer's `learning_rate` is NaN; it must be finite and at least 0"
    );
    assert_eq!(
        message(Sgd::new(0.1).nesterov().check().map(drop)),
        "the optimizer's `momentum` is 0; it must be above 0 for Nesterov's momentum"
    );
    assert_eq!(
        message(RmsProp::new(0.1).alpha(1.0).check().map(drop)),
        "the optimizer's `alpha` is 1; it must be from 0 to below 1"
    );
    assert_eq!(
        message(Adam::new(0.1).clip_norm(0.0).check().map(drop)),
        "the optimizer's `clip_norm` is 0; it must be above 0"
    );
    assert!(AdamW::new(0.1).clip_norm(1.0).clip_value(0.5).check().is_ok());
    let mut optimizer = Sgd::new(0.1).build::<Mixed>();
    let nonsense = nanotorch::optimizer::SgdRule { momentum: 2.0, ..*optimizer.rule() };
    assert!(optimizer.try_set_rule(nonsense).is_err());
    assert_eq!(optimizer.rule().momentum, 0.0);
}

#[test]
fn schedules_follow_pytorch() {
    let golden = Golden::open("optimizers");
    let check = |case: &str, schedule: &dyn Schedule| {
        let rates: Vec<f64> = (0..50).map(|step| schedule.rate(step)).collect();
        golden.assert_close(&format!("{case}.rate"), &rates, 1e-15);
    };
    check("schedule_step", &Step::new(0.1, 7).factor(0.5));
    check("schedule_cosine", &Cosine::new(0.1, 50));
    check("schedule_cosine_floor", &Cosine::new(0.1, 50).floor(0.001));
    check("schedule_warm_up_cosine", &Cosine::new(0.1, 50).warm_up(10));
    let one_cycle = OneCycle::new(0.1, 50);
    check("schedule_one_cycle", &one_cycle);
    let momenta: Vec<f64> = (0..50).map(|step| one_cycle.momentum(step)).collect();
    golden.assert_close("schedule_one_cycle.momentum", &momenta, 1e-15);
    assert_eq!(Constant(0.3).rate(u64::MAX), 0.3);
    assert_eq!((|step: u64| 1.0 / (step + 1) as f64).rate(3), 0.25);
}

proptest! {
    /// Whatever the settings, rates stay between the lowest and the highest one, and are numbers.
    #[test]
    fn schedules_stay_within_their_bounds(
        peak in 1e-6..10.0_f64, floor in 0.0..1.0_f64, steps in 0..200_u64, warm_up in 0..300_u64,
        rising in 0.0..=1.0_f64, step in prop_oneof![0..400_u64, Just(u64::MAX)],
    ) {
        let within = |rate: f64, low: f64, high: f64| rate >= low * (1.0 - 1e-12) && rate <= high * (1.0 + 1e-12);
        let cosine = Cosine::new(peak, steps).floor(floor * peak).warm_up(warm_up);
        let lowest = if warm_up > 0 { (floor * peak).min(peak / warm_up as f64) } else { floor * peak };
        prop_assert!(within(cosine.rate(step), lowest, peak), "{cosine:?}: {}", cosine.rate(step));
        let one_cycle = OneCycle::new(peak, steps).rising(rising);
        prop_assert!(within(one_cycle.rate(step), peak / 25e4, peak), "{one_cycle:?}: {}", one_cycle.rate(step));
        prop_assert!(within(one_cycle.momentum(step), 0.85, 0.95));
        let falling = Step::new(peak, steps).factor(0.5);
        prop_assert!(within(falling.rate(step), 0.0, peak));
        prop_assert!(falling.rate(step.saturating_add(1)) <= falling.rate(step));
    }

    /// The norm is that of the numbers, clipping keeps the direction, scaling scales.
    #[test]
    fn clipping_is_what_its_formula_says(numbers in prop::collection::vec(-1e3..1e3_f64, 37), limit in 1e-3..1e3_f64) {
        let given: [f64; 37] = numbers.try_into().expect("37 of them");
        let expected = given.iter().map(|g| g * g).sum::<f64>().sqrt();
        let mut clipped = given;
        let found = clip_norm(&mut clipped, limit);
        prop_assert!((found - expected).abs() <= 1e-12 * expected);
        let factor = (limit / (expected + 1e-6)).min(1.0);
        let mut scaled = given;
        scale(&mut scaled, factor);
        for index in 0..37 {
            prop_assert!((clipped[index] - given[index] * factor).abs() <= 1e-12 * expected);
            prop_assert!((scaled[index] - given[index] * factor).abs() <= 1e-12 * expected);
        }
        let mut bounded = given;
        clip_value(&mut bounded, limit);
        prop_assert_eq!(bounded, given.map(|g| g.clamp(-limit, limit)));
    }
}
