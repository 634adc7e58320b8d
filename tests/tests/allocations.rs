//! Training and inference allocate nothing, and the same seed gives the same bits.

use allocation_counter::measure;
use nanotorch::loss::{CrossEntropy, Mse};
use nanotorch::model::Parameter;
use nanotorch::optimizer::{
    Adam, AdamW, GroupSetting, MovingAverage, NoDecayOnBiases, NoDecayOnVectors, Optimizer, RmsProp, Sgd,
    clip_norm, clip_value, norm, scale,
};
use nanotorch::prelude::*;
use nanotorch::run::{Inference, Training};
use nanotorch::schedule::{Cosine, Schedule};

/// A model with a part of every kind.
#[model(input = [6])]
pub struct Net {
    first: Linear<6, 24>,
    relu: Relu,
    dropout: Dropout<20>,
    #[frozen]
    middle: Linear<24, 16>,
    blocks: [Block; 2],
    last: Linear<16, 3, NoBias>,
}

/// A part of it.
#[model]
pub struct Block {
    fc: Linear<16, 16>,
    tanh: Tanh,
    dropout: Dropout<10>,
}

const ROWS: usize = 7;

fn batch(random: &mut Random) -> (Vec<f32>, Vec<u32>) {
    let inputs = (0..ROWS * 6).map(|_| random.normal() as f32).collect();
    let targets = (0..ROWS).map(|_| random.below(3) as u32).collect();
    (inputs, targets)
}

/// What `work` allocates, in numbers of allocations.
fn allocations(work: impl FnOnce()) -> u64 {
    measure(work).count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1_u8; 100]))), 1);
}

/// Every way to train with an optimizer, and the state that it leaves.
fn trains_without_allocation<O: Optimizer<Net>>(name: &str, mut optimizer: O) -> Vec<u32> {
    let mut random = Random::new(1);
    let batches: Vec<_> = (0..4).map(|_| batch(&mut random)).collect();
    let mut net = Net::new(2);
    let mut training = Training::<Net, UpTo<ROWS>>::new(3);
    let mut average = MovingAverage::<Net>::new(0.9);
    let schedule = Cosine::new(0.01, 10).warm_up(2);
    let loss = CrossEntropy::default();
    for (inputs, targets) in &batches {
        let (net, training, optimizer) = (&mut *net, &mut training, &mut optimizer);
        let part = (&inputs[..6 * 3], &targets[..3]);
        let count = allocations(|| {
            optimizer.set_learning_rate(schedule.rate(optimizer.steps()));
            assert!(training.step(net, optimizer, &loss, inputs, targets).is_ok());
        });
        assert_eq!(count, 0, "{name}: a step");
        let count = allocations(|| assert!(training.step(net, optimizer, &loss, part.0, part.1).is_ok()));
        assert_eq!(count, 0, "{name}: a step of a partial batch");
        let count = allocations(|| assert!(training.gradients(net, &loss, inputs, targets).is_ok()));
        assert_eq!(count, 0, "{name}: gradients");
        let count = allocations(|| assert!(training.add_gradients(net, &loss, part.0, part.1).is_ok()));
        assert_eq!(count, 0, "{name}: more gradients");
        let count = allocations(|| {
            let gradient = training.gradient_mut();
            scale(gradient, 0.5);
            clip_value(gradient, 0.1);
            clip_norm(gradient, 0.5);
            assert!(norm(gradient) <= 0.5);
        });
        assert_eq!(count, 0, "{name}: clipping");
        assert_eq!(allocations(|| training.apply(net, optimizer)), 0, "{name}: the change");
        assert_eq!(allocations(|| average.update(net)), 0, "{name}: the average");
        let count =
            allocations(|| assert!(training.step(net, optimizer, &loss, &inputs[1..], targets).is_err()));
        assert_eq!(count, 0, "{name}: a batch that is refused");
    }
    net.values().iter().chain(average.model().values()).map(|value| value.to_bits()).collect()
}

/// Twice, which has to give the same bits.
fn check<O: Optimizer<Net>>(name: &str, make: impl Fn() -> O) {
    let first = trains_without_allocation(name, make());
    assert_eq!(first, trains_without_allocation(name, make()), "{name}: the same seed, other bits");
    assert_ne!(first[0], Net::new(2).values()[0].to_bits(), "{name}: nothing was learned");
}

#[test]
fn no_optimizer_allocates_and_the_same_seed_gives_the_same_bits() {
    check("sgd", || Sgd::new(0.1).build::<Net>());
    check("sgd with momentum", || Sgd::new(0.1).momentum(0.9).weight_decay(0.01).build::<Net>());
    check("sgd with Nesterov's momentum", || Sgd::new(0.1).momentum(0.9).nesterov().build::<Net>());
    check("adam", || Adam::new(0.01).build::<Net>());
    check("adamw", || AdamW::new(0.01).build::<Net>());
    check("rmsprop", || RmsProp::new(0.01).build::<Net>());
    check("rmsprop with momentum", || RmsProp::new(0.01).momentum(0.9).build::<Net>());
}

#[test]
fn no_option_of_an_optimizer_allocates() {
    let all = || Adam::new(0.01).weight_decay(0.1).clip_norm(0.5).clip_value(0.1).skip_non_finite();
    check("clipping", || all().build::<Net>());
    check("no decay on biases", || all().groups(NoDecayOnBiases).build::<Net>());
    check("no decay on vectors", || all().groups(NoDecayOnVectors).build::<Net>());
    let slow = |parameter: &Parameter<'_>| {
        let rate_scale = if parameter.path.to_string().starts_with("first.") { 0.1 } else { 1.0 };
        GroupSetting { rate_scale, decay_scale: 0.5 }
    };
    check("a closure", || all().groups(slow).build::<Net>());
}

#[test]
fn a_step_that_is_skipped_allocates_nothing() {
    let mut net = Net::new(2);
    let mut training = Training::<Net, Const<ROWS>>::new(3);
    let mut optimizer = Adam::new(0.01).skip_non_finite().build::<Net>();
    let (mut inputs, targets) = batch(&mut Random::new(1));
    inputs[9] = f32::NAN;
    let loss = CrossEntropy::default();
    let count =
        allocations(|| assert!(training.step(&mut net, &mut optimizer, &loss, &inputs, &targets).is_ok()));
    assert_eq!(count, 0);
    assert!(optimizer.skipped());
}

#[test]
fn inference_allocates_nothing_and_is_not_random() {
    let net = Net::new(2);
    let (inputs, _) = batch(&mut Random::new(1));
    let mut inference = Inference::<Net, UpTo<ROWS>>::new();
    let mut sums = [0.0_f32; 2];
    for sum in &mut sums {
        let count = allocations(|| {
            for rows in 1..=ROWS {
                let outputs = inference.run(&net, &inputs[..rows * 6]);
                *sum += outputs.map_or(f32::NAN, |outputs| outputs.iter().sum());
            }
        });
        assert_eq!(count, 0);
    }
    assert!(sums[0].is_finite());
    assert_eq!(sums[0].to_bits(), sums[1].to_bits());
}

/// A model in which everything is trained, so that a step is one pass.
#[model(input = [6])]
pub struct Plain {
    first: Linear<6, 24>,
    tanh: Tanh,
    last: Linear<24, 2>,
}

#[test]
fn a_model_in_double_precision_allocates_nothing_either() {
    let mut net = nanotorch::model::new::<Plain<f64>>(4);
    let mut training = Training::<Plain<f64>, Const<2>>::new(3);
    let mut optimizer = RmsProp::new(0.01).clip_norm(1.0).build::<Plain<f64>>();
    let (inputs, targets) = ([0.25; 12], [1.0, -1.0, 0.5, 0.0]);
    let mut losses = [0.0; 20];
    let count = allocations(|| {
        for value in &mut losses {
            let step = training.step(&mut net, &mut optimizer, &Mse::default(), &inputs, &targets);
            *value = step.unwrap_or(f64::NAN);
        }
    });
    assert_eq!(count, 0);
    assert!(losses[19] < losses[0], "{losses:?}");
}
