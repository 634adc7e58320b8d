//! Training by parts: forward and backward by hand, gradients by the input, several goals, and memory that is static.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use nanotorch::kernel::Accumulate;
use nanotorch::loss::{CrossEntropy, Mse};
use nanotorch::model::{self, facts::train_numbers};
use nanotorch::prelude::*;
use nanotorch::run::{BatchError, MemoryError, Static};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: it is the system's allocator, counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[model(input = [3])]
struct Net {
    hidden: Linear<3, 7>,
    drop: Dropout<20>,
    tanh: Tanh,
    head: Linear<7, 2>,
}

#[model(input = ([3], [2]), forward)]
struct Heads {
    trunk: Linear<3, 4>,
    gate: Linear<2, 4>,
    class: Linear<4, 3>,
    size: Linear<4, 1>,
}

#[forward]
impl Heads {
    fn forward(&self, x: Edge, y: Edge) -> (Edge, Edge) {
        let h = (self.trunk.forward(x) * self.gate.forward(y).sigmoid()).tanh();
        (self.class.forward(h), self.size.forward(h))
    }
}

fn double<M: Module<Element = f64>>(seed: u64) -> Box<M> {
    model::new::<M>(seed)
}

fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    (0..count).map(|_| random.normal()).collect()
}

/// Forward and backward by hand give what a step's forward and backward give, number for number.
#[test]
fn by_hand_is_the_same() {
    let net = double::<Net<f64>>(3);
    let (inputs, targets) = (numbers(9, 1), numbers(6, 2));
    let mut whole = Training::<Net<f64>, UpTo<4>>::new(5);
    let mut parts = Training::<Net<f64>, UpTo<4>>::new(5);
    whole.gradients(&net, &Mse::default(), &inputs, &targets).unwrap();
    let outputs = parts.forward(&net, &inputs).unwrap();
    let gradient: Vec<f64> = outputs.iter().zip(&targets).map(|(y, t)| 2.0 * (y - t) / 6.0).collect();
    parts.backward(&net, &inputs, &gradient, Accumulate::Replace).unwrap();
    for (got, expected) in parts.gradient().values().iter().zip(whole.gradient().values()) {
        assert!((got - expected).abs() <= 1e-15 * (1.0 + expected.abs()), "{got}, not {expected}");
    }
}

/// The gradient by the input is what differences say, and asking for it changes no other number.
#[test]
fn the_gradient_by_the_input_is_there_when_asked_for() {
    let net = double::<Net<f64>>(3);
    let (inputs, targets) = (numbers(6, 1), numbers(4, 2));
    let mut without = Training::<Net<f64>, UpTo<4>>::new(5);
    let mut with = Training::<Net<f64>, UpTo<4>, true>::new(5);
    let loss = with.gradients(&net, &Mse::default(), &inputs, &targets).unwrap();
    assert_eq!(without.gradients(&net, &Mse::default(), &inputs, &targets).unwrap(), loss);
    assert_eq!(without.gradient().values(), with.gradient().values());
    let gradient = with.input_gradient().to_vec();
    let mut value = |inputs: &[f64]| {
        without.set_random(Random::new(5));
        without.gradients(&net, &Mse::default(), inputs, &targets).unwrap()
    };
    for (index, got) in gradient.iter().enumerate() {
        let (mut below, mut above) = (inputs.clone(), inputs.clone());
        below[index] -= 1e-5;
        above[index] += 1e-5;
        let slope = (value(&above) - value(&below)) / 2e-5;
        assert!((got - slope).abs() < 1e-8, "{index}: {got}, not {slope}");
    }
}

#[model(input = [3])]
struct Generator {
    fc: Linear<3, 5>,
    tanh: Tanh,
    head: Linear<5, 2>,
}

#[model(input = [2])]
struct Judge {
    fc: Linear<2, 6>,
    softplus: Softplus,
    head: Linear<6, 1>,
}

#[model(input = [3])]
struct Judged {
    generator: Generator,
    #[frozen]
    judge: Judge,
}

/// A generator learns from the gradient by its judge's input as if both were one model, of which the judge is frozen.
#[test]
fn a_gradient_flows_through_a_judge_to_what_it_judges() {
    let (generator, judge) = (double::<Generator<f64>>(1), double::<Judge<f64>>(2));
    let mut both = double::<Judged<f64>>(3);
    both.generator.values_mut().copy_from_slice(generator.values());
    both.judge.values_mut().copy_from_slice(judge.values());
    let (noise, real, loss) = (numbers(12, 4), [1.0; 4], BceWithLogits::default());
    let mut together = Training::<Judged<f64>, UpTo<4>>::new(1);
    let value = together.gradients(&both, &loss, &noise, &real).unwrap();

    let mut making = Training::<Generator<f64>, UpTo<4>>::new(1);
    let mut judging = Training::<Judge<f64>, UpTo<4>, true>::new(1);
    let made = making.forward(&generator, &noise).unwrap().to_vec();
    let apart = judging.gradients(&judge, &loss, &made, &real).unwrap();
    assert!((apart - value).abs() < 1e-14, "{apart}, not {value}");
    making.backward(&generator, &noise, judging.input_gradient(), Accumulate::Replace).unwrap();
    for (got, expected) in making.gradient().values().iter().zip(together.gradient().generator.values()) {
        assert!((got - expected).abs() < 1e-14, "{got}, not {expected}");
    }
    // What isn't asked for costs nothing: no gradient of the frozen judge, none by the input of one that is trained.
    assert_eq!(together.gradient().judge.values().len(), 0);
    assert!(train_numbers::<Judge>(4, false) + 4 * 2 <= train_numbers::<Judge>(4, true));
}

/// Several goals are the weighted sum of each alone, in value and gradient.
#[test]
fn goals_add_up() {
    let net = double::<Heads<f64>>(3);
    let inputs = numbers(10, 4);
    let (classes, sizes) = ([2, 0], numbers(2, 5));
    let (class, size) = (CrossEntropy::default(), Mse::default());
    let mut training = Training::<Heads<f64>, UpTo<4>>::new(5);
    let mut run = |class_weight: f64, size_weight: f64| {
        let goals =
            (Goal::new(&class, &classes).weight(class_weight), Goal::new(&size, &sizes).weight(size_weight));
        let value = training.gradients_toward(&*net, &goals, &inputs, Accumulate::Replace).unwrap();
        (value, training.gradient().values().to_vec())
    };
    let (first, second, both) = (run(1.0, 0.0), run(0.0, 1.0), run(0.25, 3.0));
    assert!((both.0 - (0.25 * first.0 + 3.0 * second.0)).abs() < 1e-14);
    for ((a, b), sum) in first.1.iter().zip(&second.1).zip(&both.1) {
        assert!((sum - (0.25 * a + 3.0 * b)).abs() < 1e-14, "{sum} of {a} and {b}");
    }
}

#[test]
fn what_can_not_be_is_refused() {
    let net = double::<Net<f64>>(3);
    let mut training = Training::<Net<f64>, UpTo<4>>::new(5);
    let add = Accumulate::Add;
    let error = training.backward(&net, &[0.0; 6], &[0.0; 4], add).unwrap_err();
    assert_eq!(error, BatchError::NotForwarded { given: 2, forwarded: 0 });
    training.forward(&net, &[0.0; 6]).unwrap();
    let error = training.backward(&net, &[0.0; 6], &[0.0; 3], add).unwrap_err();
    assert_eq!(error, BatchError::OutputGradientLength { given: 3, needed: 4 });
    assert_eq!(error.to_string(), "3 numbers are no gradient by the outputs, of which there are 4");
    let heads = double::<Heads<f64>>(1);
    let mut training = Training::<Heads<f64>, UpTo<4>>::new(5);
    let (class, size) = (CrossEntropy::default(), Mse::default());
    let goals = (Goal::new(&class, &[0, 1]), Goal::new(&size, &[0.0]));
    let error = training.gradients_toward(&*heads, &goals, &[0.0; 10], add).unwrap_err();
    assert_eq!(error, BatchError::TargetLength { given: 1, needed: 2 });
}

static NET: Static<Net> = Static::zeros();
static GRADIENT: Static<NetGradient> = Static::zeros();
static MOMENTS: [Static<NetGradient>; 2] = [Static::zeros(), Static::zeros()];
static ARENA: Static<[f32; ROOM + 2 * CANARIES]> = Static::zeros();
static ANSWERS: Static<[f32; Net::infer_bytes(4) / 4]> = Static::zeros();
const ROOM: usize = Net::train_bytes(4) / 4;
const CANARIES: usize = 16;

/// Training and inference in static memory of exactly the stated size: no allocation at all, nothing written beside it, and
/// the same numbers as on the heap.
#[test]
fn static_memory_is_enough() {
    let before = ALLOCATIONS.with(Cell::get);
    let net = NET.take().unwrap();
    assert!(NET.take().is_none(), "a place was handed out twice");
    net.begin(&mut Random::new(3));
    let (front, rest) = ARENA.take().unwrap().split_at_mut(CANARIES);
    let (room, back) = rest.split_at_mut(ROOM);
    front.fill(f32::from_bits(0xDEAD_BEEF));
    back.fill(f32::from_bits(0xDEAD_BEEF));
    let [first, second] = &MOMENTS;
    let moments = [first.take().unwrap(), second.take().unwrap()];
    let mut training = Training::<Net, UpTo<4>>::new_static(5, room, GRADIENT.take().unwrap()).unwrap();
    let mut optimizer = Adam::new(0.01).build_static::<Net, 2>(moments).unwrap();
    let mut inference = Inference::<Net, UpTo<4>>::new_static(ANSWERS.take().unwrap()).unwrap();
    let (inputs, targets) = ([0.3, -0.1, 0.2, 0.9, 0.8, -0.7], [0.5, -0.5, 1.0, 0.0]);
    let mut losses = [0.0; 20];
    for loss in &mut losses {
        *loss = training.step(net, &mut optimizer, &Mse::default(), &inputs, &targets).unwrap();
    }
    let answers: [f32; 4] = inference.run(net, &inputs).unwrap().try_into().unwrap();
    assert_eq!(ALLOCATIONS.with(Cell::get), before, "something was allocated");
    for canary in front.iter().chain(&*back) {
        assert_eq!(canary.to_bits(), 0xDEAD_BEEF);
    }

    let mut net = Net::new(3);
    let mut training = Training::<Net, UpTo<4>>::new(5);
    let mut optimizer = Adam::new(0.01).build::<Net>();
    for loss in losses {
        assert_eq!(training.step(&mut net, &mut optimizer, &Mse::default(), &inputs, &targets), Ok(loss));
    }
    assert_eq!(Inference::<Net, UpTo<4>>::new().run(&net, &inputs).unwrap(), answers);
}

#[test]
fn too_little_static_memory_is_refused() {
    let memory = Box::leak(vec![0.0; ROOM - 1].into_boxed_slice());
    let gradient = Box::leak(NetGradient::<f32>::zeroed());
    let error = Training::<Net, UpTo<4>>::new_static(1, memory, gradient).err().unwrap();
    assert_eq!(error, MemoryError { given: ROOM - 1, needed: ROOM });
    let Err(error) = Adam::new(0.1).build_static::<Net, 0>([]) else { panic!("moments from nowhere") };
    assert!(error.to_string().contains("number of places for moments"), "{error}");
}

#[model(input = [64])]
struct Trunk {
    a: Linear<64, 48>,
    relu: Relu,
    b: Linear<48, 32>,
    tanh: Tanh,
}

#[model(input = [64])]
struct Whole {
    trunk: Trunk,
    head: Linear<32, 4>,
}

#[model(input = [64])]
struct FineTuned {
    #[frozen]
    trunk: Trunk,
    head: Linear<32, 4>,
}

/// A frozen trunk keeps nothing for a backward pass that it doesn't have: training takes no more than inference, the head's
/// own input, and the gradient by the output.
#[test]
fn a_frozen_trunk_costs_what_inference_costs() {
    const { assert!(FineTuned::TRAIN_BYTES < Whole::TRAIN_BYTES) };
    assert_eq!(FineTuned::explain().memory.planned, 48 + 32);
    assert_eq!(Whole::explain().memory.planned, 48 + 32 + 32 + 48);
    assert!(!FineTuned::explain().to_string().contains("d_trunk"));
    assert_eq!(<FineTunedGradient as nanotorch::model::Parameters>::PARAMS, 32 * 4 + 4);
}
