//! Gradients against differences of the loss, in double precision: each layer, each loss, stacks of layers; and what the check
//! says about wrong ones.

use nanotorch::device::Pass;
use nanotorch::gradcheck::{Gradcheck, GradcheckError};
use nanotorch::kernel::Accumulate;
use nanotorch::loss::{
    BceWithLogits, CrossEntropy, DivergenceReduction, Hinge, Huber, KlDivergence, Loss, Mae, Mse,
    MultiClassHinge, Pointwise, Reduction, SmoothL1, SoftCrossEntropy,
};
use nanotorch::model::{self, Backward, Memory, Needs, OutputOf};
use nanotorch::prelude::*;
use nanotorch::run::BatchError;
use nanotorch::simd::Vector;
use proptest::prelude::{ProptestConfig, proptest};

/// Draws one number of a target.
type Draw<T> = fn(&mut Random) -> T;

fn number(random: &mut Random) -> f64 {
    random.normal()
}

fn sign(random: &mut Random) -> f64 {
    if random.next_u64() & 1 == 0 { 1.0 } else { -1.0 }
}

/// From 0 to 1, both included.
fn probability(random: &mut Random) -> f64 {
    (1.5 * random.uniform_f64() - 0.25).clamp(0.0, 1.0)
}

fn class<const CLASSES: usize>(random: &mut Random) -> u32 {
    random.below(CLASSES) as u32
}

fn draw<T>(count: usize, random: &mut Random, one: Draw<T>) -> Vec<T> {
    (0..count).map(|_| one(random)).collect()
}

fn layer<I: Shape, L: Layer<I, Element = f64>>(seed: u64, rows: usize) {
    let mut random = Random::new(seed);
    let layer = model::new::<L>(seed);
    let inputs = draw(rows * I::LEN, &mut random, |random| 2.0 * random.normal());
    let check = Gradcheck { seed, ..Gradcheck::default() };
    check
        .layer::<I, L>(&layer, &inputs)
        .unwrap_or_else(|error| panic!("{}: {error}", core::any::type_name::<L>()));
}

fn loss<S: Shape, L: Loss<S, f64>>(seed: u64, rows: usize, loss: L, target: Draw<L::Target>) {
    let mut random = Random::new(seed);
    let predictions = draw(rows * S::LEN, &mut random, |random| 2.0 * random.normal());
    let targets = draw(rows * L::TARGETS, &mut random, target);
    Gradcheck::default()
        .loss::<S, L>(&loss, &predictions, &targets)
        .unwrap_or_else(|error| panic!("{}: {error}", core::any::type_name::<L>()));
}

fn stack<M, L>(seed: u64, rows: usize, loss: L, target: Draw<L::Target>)
where
    M: Model<Element = f64>,
    L: Loss<OutputOf<M>, f64>,
{
    let mut random = Random::new(seed);
    let model = model::new::<M>(seed);
    let inputs = draw(rows * M::Input::LEN, &mut random, number);
    let targets = draw(rows * L::TARGETS, &mut random, target);
    let check = Gradcheck { seed, ..Gradcheck::default() };
    check.model(&*model, &loss, &inputs, &targets).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_layer(seed: u64, rows in 1_usize..4) {
        layer::<R1<5>, Linear<5, 3, Bias, f64>>(seed, rows);
        layer::<R2<2, 5>, Linear<5, 3, NoBias, f64>>(seed, rows);
        layer::<R2<2, 3>, Flatten<f64>>(seed, rows);
        layer::<R2<2, 3>, Reshape<R1<6>, f64>>(seed, rows);
        layer::<R1<7>, Relu<f64>>(seed, rows);
        layer::<R1<7>, LeakyRelu<1, 5, f64>>(seed, rows);
        layer::<R1<7>, Sigmoid<f64>>(seed, rows);
        layer::<R1<7>, Tanh<f64>>(seed, rows);
        layer::<R1<7>, Gelu<f64>>(seed, rows);
        layer::<R1<7>, GeluTanh<f64>>(seed, rows);
        layer::<R1<7>, Silu<f64>>(seed, rows);
        layer::<R1<7>, Elu<3, 2, f64>>(seed, rows);
        layer::<R1<7>, Softplus<f64>>(seed, rows);
        layer::<R1<7>, Softmax<f64>>(seed, rows);
        layer::<R2<2, 11>, LogSoftmax<f64>>(seed, rows);
        layer::<R1<7>, Dropout<30, 100, f64>>(seed, rows);
    }

    #[test]
    fn every_loss(seed: u64, rows in 1_usize..4) {
        let reduction = Reduction::Sum;
        loss::<R1<3>, _>(seed, rows, Mse::default(), number);
        loss::<R1<3>, _>(seed, rows, Mae { reduction }, number);
        loss::<R1<3>, _>(seed, rows, Huber { reduction, delta: 1.5 }, number);
        loss::<R1<3>, _>(seed, rows, SmoothL1::default(), number);
        loss::<R1<3>, _>(seed, rows, Hinge::default(), sign);
        loss::<R1<3>, _>(seed, rows, BceWithLogits::default(), probability);
        loss::<R1<3>, _>(seed, rows, BceWithLogits::default().weighted([2.0, 0.5, 3.0]), probability);
        loss::<R1<3>, _>(seed, rows, KlDivergence { reduction: DivergenceReduction::BatchMean }, probability);
        loss::<R1<3>, _>(seed, rows, MultiClassHinge::default(), class::<3>);
        let cross_entropy = CrossEntropy { smoothing: 0.2, ..CrossEntropy::default() };
        loss::<R1<3>, _>(seed, rows, cross_entropy, class::<3>);
        loss::<R2<2, 3>, _>(seed, rows, cross_entropy.weighted([1.0, 2.0, 0.5]), class::<3>);
        loss::<R1<3>, _>(seed, rows, SoftCrossEntropy { smoothing: 0.1, ..SoftCrossEntropy::default() }, probability);
        loss::<R1<3>, _>(seed, rows, SoftCrossEntropy::default().weighted([1.0, 2.0, 0.5]), probability);
    }
}

#[model(input = [4])]
struct Dense {
    fc1: Linear<4, 5>,
    tanh: Tanh,
    fc2: Linear<5, 3>,
}

#[model(input = [4])]
struct Kinked {
    fc1: Linear<4, 6>,
    relu: Relu,
    fc2: Linear<6, 5>,
    leaky: LeakyRelu,
    fc3: Linear<5, 2>,
}

#[model(input = [3])]
struct Curved {
    fc1: Linear<3, 6>,
    gelu: Gelu,
    fc2: Linear<6, 5, NoBias>,
    silu: Silu,
    elu: Elu,
    softplus: Softplus,
}

#[model(input = [3])]
struct Gates {
    before: Sigmoid,
    fc1: Linear<3, 4>,
    gelu: GeluTanh,
    sigmoid: Sigmoid,
    tanh: Tanh,
    fc2: Linear<4, 2>,
}

#[model(input = [2, 3])]
struct LogDistribution {
    flatten: Flatten,
    fc: Linear<6, 4>,
    log: LogSoftmax,
}

#[model(input = [3, 4])]
struct Rows {
    fc1: Linear<4, 5>,
    softmax: Softmax,
    fc2: Linear<5, 3>,
}

#[model(input = [12])]
struct Reshaped {
    fc1: Linear<12, 12>,
    square: Reshape<R2<3, 4>>,
    fc2: Linear<4, 2>,
    tanh: Tanh,
    flatten: Flatten,
    fc3: Linear<6, 2>,
}

#[model]
struct Block {
    fc: Linear<4, 4>,
    tanh: Tanh,
}

#[model(input = [3])]
struct Nested {
    fc1: Linear<3, 4>,
    block: Block,
    relu: Relu,
    fc2: Linear<4, 2>,
}

#[model(input = [4])]
struct Repeated {
    blocks: [Block; 3],
    head: Linear<4, 2>,
}

#[model(input = [2, 2])]
struct RepeatedTwice {
    flatten: Flatten,
    blocks: [[Block; 2]; 2],
    silu: [Silu; 2],
}

#[model]
struct Bottleneck<const HIDDEN: usize> {
    down: Linear<4, HIDDEN>,
    gelu: Gelu,
    up: Linear<HIDDEN, 4>,
}

#[model(input = [4])]
struct Generic {
    first: Bottleneck<3>,
    others: [Bottleneck<2>; 2],
    log: LogSoftmax,
}

#[model(input = [4])]
struct Dropped {
    first: Dropout<10>,
    fc1: Linear<4, 6>,
    relu: Relu,
    drop1: Dropout<30>,
    fc2: Linear<6, 5>,
    drop2: Dropout<1, 4>,
    fc3: Linear<5, 3>,
    last: Dropout<20>,
}

#[model(input = [4])]
struct FrozenFirst {
    #[frozen]
    fc1: Linear<4, 5>,
    tanh: Tanh,
    fc2: Linear<5, 2>,
}

#[model(input = [4])]
struct FrozenMiddle {
    fc1: Linear<4, 4>,
    #[frozen]
    blocks: [Block; 2],
    elu: Elu,
    fc2: Linear<4, 2>,
}

#[model(input = [2, 3])]
struct NoParameters {
    flatten: Flatten,
    softplus: Softplus,
    again: Reshape<R2<3, 2>>,
    softmax: Softmax,
}

/// One test for each stack: its loss, and how targets are drawn.
macro_rules! stacks {
    ($($test:ident: $Model:ident, $loss:expr, $target:expr;)*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(6))]
            $(
                #[test]
                fn $test(seed: u64, rows in 1_usize..4) {
                    stack::<$Model<f64>, _>(seed, rows, $loss, $target);
                }
            )*
        }
    };
}
stacks! {
    stack_of_dense_layers: Dense, CrossEntropy::default(), class::<3>;
    stack_with_kinks: Kinked, Mse::default(), number;
    stack_of_curved_activations: Curved, Huber::default(), number;
    stack_of_gates: Gates, BceWithLogits::default(), probability;
    stack_with_log_softmax: LogDistribution, KlDivergence::default(), probability;
    stack_of_rows: Rows, CrossEntropy { smoothing: 0.1, ..CrossEntropy::default() }, class::<3>;
    stack_with_other_shapes: Reshaped, Mse::default(), number;
    stack_with_a_model_in_it: Nested, Mse::default(), number;
    stack_of_blocks: Repeated, Mse { reduction: Reduction::Sum }, number;
    stack_of_blocks_of_blocks: RepeatedTwice, Mse::default(), number;
    stack_of_generic_models: Generic, SoftCrossEntropy::default(), probability;
    stack_with_dropout: Dropped, Mse::default(), number;
    stack_with_a_frozen_beginning: FrozenFirst, Mse::default(), number;
    stack_with_a_frozen_middle: FrozenMiddle, Mse::default(), number;
    stack_without_parameters: NoParameters, Mse::default(), number;
}

/// `y = a x` with a mistake, or without.
#[layer]
struct Scale<const MISTAKE: usize, T: Float = f32> {
    factor: [T; 1],
}

const NONE: usize = 0;
const FACTOR: usize = 1;
const INPUT: usize = 2;
const REPLACES: usize = 3;
const UNWRITTEN: usize = 4;
const IN_PLACE: usize = 5;

impl<const MISTAKE: usize, T: Float> Initialize for Scale<MISTAKE, T> {
    fn initialize(&mut self, _: &mut Random) {
        self.factor = [T::from_f64(1.5)];
    }
}

impl<I: Shape, const MISTAKE: usize, T: Float> Layer<I> for Scale<MISTAKE, T> {
    type Out = I;
    const FLOPS: usize = I::LEN;
    const NEEDS: Needs = Needs { input: true, saved: 1, ..Needs::NOTHING };

    fn forward<P: Pass>(&self, _: &mut P, x: &[T], y: &mut [T], memory: Memory<'_, T>) {
        if MISTAKE != UNWRITTEN {
            memory.saved.fill(self.factor[0]);
        }
        for (x, y) in x.iter().zip(y) {
            *y = *x * self.factor[0];
        }
    }

    fn backward<P: Pass>(
        &self,
        pass: &mut P,
        edges: Backward<'_, T>,
        gradient: Option<&mut Self>,
        memory: Memory<'_, T>,
    ) {
        let mut sum = T::ZERO;
        for (x, dy) in edges.x.iter().zip(&*edges.dy) {
            sum += *x * *dy;
        }
        if MISTAKE == FACTOR {
            sum += sum;
        }
        if let Some(gradient) = gradient {
            if MISTAKE == REPLACES || pass.accumulate() == Accumulate::Replace {
                gradient.factor[0] = sum;
            } else {
                gradient.factor[0] += sum;
            }
        }
        let factor = if MISTAKE == INPUT { T::ONE } else { memory.saved[0] };
        for (dy, dx) in edges.dy.iter().zip(edges.dx.into_iter().flatten()) {
            *dx = *dy * factor;
        }
    }
}

#[model(input = [2])]
struct Scaled<const MISTAKE: usize> {
    fc: Linear<2, 2>,
    scale: Scale<MISTAKE>,
}

fn mistake<const MISTAKE: usize>() -> Result<(), GradcheckError> {
    let model = model::new::<Scaled<MISTAKE, f64>>(3);
    let inputs = [0.5, -1.0, 0.25, 2.0];
    Gradcheck::default().model(&*model, &Mse::default(), &inputs, &[1.0, 0.0, 1.0, 0.0])
}

#[test]
fn a_wrong_gradient_is_found_and_named() {
    assert_eq!(mistake::<NONE>(), Ok(()));
    let Err(GradcheckError::Parameter { parameter, index, expected, got }) = mistake::<FACTOR>() else {
        panic!()
    };
    assert_eq!((&*parameter, &*index), ("scale.factor", &[0][..]));
    assert!((got / expected - 2.0).abs() < 1e-6);

    let error = mistake::<INPUT>().unwrap_err();
    let GradcheckError::Parameter { parameter, index, .. } = &error else { panic!("{error}") };
    assert_eq!((&**parameter, &**index), ("fc.weight", &[0, 0][..]));
    let message = error.to_string();
    assert!(message.starts_with("the gradient by `fc.weight` at [0, 0] is "), "{message}");

    let layer = model::new::<Scale<INPUT, f64>>(1);
    let error = Gradcheck::default().layer::<R1<2>, _>(&*layer, &[0.5, 1.0, 2.0, 3.0]).unwrap_err();
    assert!(matches!(error, GradcheckError::Input { sample: 0, ref index, .. } if **index == [0]), "{error}");
}

#[test]
fn a_gradient_that_is_not_added_is_found() {
    let error = mistake::<REPLACES>().unwrap_err();
    assert!(
        matches!(error, GradcheckError::Added { ref parameter, .. } if parameter == "scale.factor"),
        "{error}"
    );
}

#[test]
fn memory_that_is_read_unwritten_is_found() {
    let error = mistake::<UNWRITTEN>().unwrap_err();
    assert!(matches!(error, GradcheckError::Parameter { got, .. } if got.is_nan()), "{error}");
}

/// `y = x`, but not in place.
#[layer]
struct Same<const MISTAKE: usize, T: Float = f32> {
    element: core::marker::PhantomData<fn() -> T>,
}

impl<I: Shape, const MISTAKE: usize, T: Float> Layer<I> for Same<MISTAKE, T> {
    type Out = I;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs { in_place: true, ..Needs::NOTHING };

    fn forward<P: Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        y.copy_from_slice(x);
    }
    fn forward_in_place<P: Pass>(&self, _: &mut P, _: &mut [T], _: Memory<'_, T>) {}
    fn backward<P: Pass>(&self, _: &mut P, edges: Backward<'_, T>, _: Option<&mut Self>, _: Memory<'_, T>) {
        if let Some(dx) = edges.dx {
            dx.copy_from_slice(edges.dy);
        }
    }
    fn backward_in_place<P: Pass>(&self, _: &mut P, _: &[T], _: &[T], dy: &mut [T], _: Memory<'_, T>) {
        if MISTAKE == IN_PLACE {
            dy.fill(T::ZERO);
        }
    }
}

#[test]
fn a_mistake_in_place_is_found() {
    let check = Gradcheck::default();
    assert_eq!(check.layer::<R1<2>, _>(&*model::new::<Same<NONE, f64>>(1), &[1.0, 2.0]), Ok(()));
    let error = check.layer::<R1<2>, _>(&*model::new::<Same<IN_PLACE, f64>>(1), &[1.0, 2.0]).unwrap_err();
    assert!(
        matches!(error, GradcheckError::InPlace { what: "gradient by the input", index: 0, got: 0.0, .. }),
        "{error}"
    );
}

/// `x²`, with the derivative of another function.
#[derive(Clone, Copy)]
struct WrongSquare;

impl Pointwise for WrongSquare {
    const NAME: &'static str = "WrongSquare";
    fn divisor(self, _: usize, numbers: usize) -> usize {
        numbers
    }
    fn value_and_derivative<V: Vector>(self, x: V, _: V) -> (V, V) {
        (x * x, x)
    }
}

#[test]
fn a_wrong_loss_is_found() {
    let error =
        Gradcheck::default().loss::<R1<2>, _>(&WrongSquare, &[1.0, 2.0, 3.0, 4.0], &[0.0; 4]).unwrap_err();
    let GradcheckError::Input { sample: 0, expected, got, .. } = error else { panic!("{error}") };
    assert!((expected - 0.5).abs() < 1e-9 && got == 0.25, "{expected} {got}");
}

#[test]
fn each_slope_at_a_kink_is_right() {
    let check = Gradcheck::default();
    assert_eq!(check.layer::<R1<3>, _>(&*model::new::<Relu<f64>>(1), &[0.0, 1e-9, -1e-6]), Ok(()));
    assert_eq!(check.loss::<R1<2>, _>(&Mae::default(), &[0.5, 1.0], &[0.5, 1.0]), Ok(()));
}

#[test]
fn what_is_no_batch_is_refused() {
    let (check, model) = (Gradcheck::default(), model::new::<Dense<f64>>(1));
    assert_eq!(
        check.model(&*model, &CrossEntropy::default(), &[0.0; 5], &[0]),
        Err(GradcheckError::Batch(BatchError::InputLength { given: 5, sample: 4 }))
    );
    assert_eq!(
        check.model(&*model, &CrossEntropy::default(), &[0.0; 4], &[0, 1]),
        Err(GradcheckError::Batch(BatchError::TargetLength { given: 2, needed: 1 }))
    );
    let error = check.model(&*model, &CrossEntropy::default(), &[0.0; 4], &[3]).unwrap_err();
    assert_eq!(error.to_string(), "target 0 is class 3, but the prediction has 3 classes, 0 to 2");
    let error = check.model(&*model, &CrossEntropy::default(), &[f64::INFINITY; 4], &[1]).unwrap_err();
    assert!(matches!(error, GradcheckError::Loss { .. }), "{error}");
}
