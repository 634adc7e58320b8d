//! What holds for every forward function.

use nanotorch::device::{Cpu, InferencePass, TrainingPass, Wants};
use nanotorch::element::Float;
use nanotorch::gradcheck::Gradcheck;
use nanotorch::kernel::Accumulate;
use nanotorch::model::{self, Backward, Layer, Memory, Model, OutputOf, Parameters};
use nanotorch::random::Random;
use nanotorch::shape::Shape;
use nanotorch::simd::Scalar;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// For a few seeds of parameters and batches, drawn at random:
/// - the gradients by parameters and inputs match differences, in f64 and with the machine's instruction set;
/// - inference gives the numbers that training does, to the bit;
/// - in f32 they are nearly the same;
/// - the memory is as large as the plan says, and nothing beside it is written.
pub(crate) fn check<M: Model<Element = f64>, Single: Model<Element = f32>>(name: &str) {
    for_each_batch::<M>(name, |model, inputs, rows| {
        if let Err(error) = Gradcheck::default().layer::<M::Input, M>(model, inputs) {
            return Err(TestCaseError::fail(format!("{name}: {error}")));
        }
        let inferred = infer(model, inputs, rows);
        let mut run = Run::new(rows);
        let trained = run.forward(model, inputs);
        if trained != inferred {
            return Err(TestCaseError::fail(format!("{name}: {trained:?} in training, {inferred:?} not")));
        }
        let mut single = Single::zeroed();
        model::convert(model, &mut *single);
        let inputs: Vec<f32> = inputs.iter().map(|&x| x as f32).collect();
        let rounded = infer(&*single, &inputs, rows);
        for (index, (&double, single)) in inferred.iter().zip(rounded).enumerate() {
            let off = (double - f64::from(single)).abs() / double.abs().max(1.0);
            if off.is_nan() || off > 1e-4 {
                return Err(TestCaseError::fail(format!(
                    "{name}: output {index} is {double} in f64, {single} in f32"
                )));
            }
        }
        Ok(())
    });
}

/// As `check`, for a model that passes on something without its gradient: its value is its last outputs, and `Held`, which takes
/// them as inputs instead, gives the same values and gradients. `Held` matches differences.
pub(crate) fn check_detached<M: Model<Element = f64>, Held: Model<Element = f64>>(name: &str) {
    let detached = Held::Input::LEN - M::Input::LEN;
    for_each_batch::<M>(name, |model, inputs, rows| {
        let length = <OutputOf<M> as Shape>::LEN;
        let mut random = Random::new(rows as u64);
        let dy: Vec<f64> = (0..rows * length).map(|_| random.normal()).collect();
        let mut run = Run::new(rows);
        run.forward(model, inputs);
        run.backward(model, inputs, &dy);

        let mut twin = Held::zeroed();
        twin.values_mut().copy_from_slice(model.values());
        let held = [inputs, &run.y.checked()[rows * (length - detached)..]].concat();
        let mut other = Run::new(rows);
        other.forward(&*twin, &held);
        other.backward(&*twin, &held, &dy);
        if let Err(error) = Gradcheck::default().layer::<Held::Input, Held>(&twin, &held) {
            return Err(TestCaseError::fail(format!("{name} held: {error}")));
        }
        let (x, gradient) = (&other.dx.checked()[..inputs.len()], other.gradient.values());
        for (what, got, expected) in [
            ("y", run.y.checked(), other.y.checked()),
            ("dx", run.dx.checked(), x),
            ("gradient", run.gradient.values(), gradient),
        ] {
            for (got, expected) in got.iter().zip(expected) {
                let off = (got - expected).abs() / expected.abs().max(1.0);
                if off.is_nan() || off > 1e-12 {
                    return Err(TestCaseError::fail(format!("{name}: {what} is {got}, not {expected}")));
                }
            }
        }
        Ok(())
    });
}

/// Calls `check` with models and batches that are drawn at random.
fn for_each_batch<M: Model<Element = f64>>(
    name: &str,
    check: impl Fn(&M, &[f64], usize) -> Result<(), TestCaseError>,
) {
    let config = Config { cases: 6, max_shrink_iters: 32, failure_persistence: None, ..Config::default() };
    let length = M::Input::LEN;
    let batches = (any::<u64>(), 1..4_usize)
        .prop_flat_map(move |(seed, rows)| (Just(seed), Just(rows), vec(-2.0..2.0_f64, rows * length)));
    let result = TestRunner::new(config).run(&batches, |(seed, rows, inputs)| {
        let model = model::new::<M>(seed);
        check(&model, &inputs, rows)
    });
    if let Err(error) = result {
        panic!("{name}: {error}");
    }
}

/// Memory of exactly so many numbers, which hold NaN before; what lies beside them must stay as it is.
struct Room<T>(Vec<T>);

/// How many numbers are looked after on each side.
const BESIDE: usize = 16;

impl<T: Float> Room<T> {
    fn new(length: usize) -> Self {
        let mut numbers = vec![T::from_f64(0.625); length + 2 * BESIDE];
        numbers[BESIDE..][..length].fill(T::NAN);
        Room(numbers)
    }

    fn numbers(&mut self) -> &mut [T] {
        let end = self.0.len() - BESIDE;
        &mut self.0[BESIDE..end]
    }

    /// The numbers, once nothing beside them has changed.
    fn checked(&self) -> &[T] {
        let end = self.0.len() - BESIDE;
        let beside = self.0[..BESIDE].iter().chain(&self.0[end..]);
        assert!(beside.copied().all(|x| x == T::from_f64(0.625)), "something was written beside the memory");
        &self.0[BESIDE..end]
    }
}

/// An inference without registers.
fn infer<M: Model>(model: &M, inputs: &[M::Element], rows: usize) -> Vec<M::Element> {
    let needs = <M as Layer<M::Input>>::NEEDS;
    let (mut scratch, mut workspace) = (Room::new(rows * needs.infer), Room::new(needs.workspace));
    let mut y = Room::new(rows * <OutputOf<M> as Shape>::LEN);
    let mut pass = InferencePass { device: Cpu::new(Scalar), rows };
    let memory = Memory { saved: &mut [], scratch: scratch.numbers(), workspace: workspace.numbers() };
    model.forward(&mut pass, inputs, y.numbers(), memory);
    scratch.checked();
    workspace.checked();
    y.checked().to_vec()
}

/// A training pass without registers.
struct Run<M: Model> {
    rows: usize,
    y: Room<M::Element>,
    dx: Room<M::Element>,
    gradient: Box<M::Gradient>,
    saved: Room<M::Element>,
    random: Random,
}

impl<M: Model> Run<M> {
    fn new(rows: usize) -> Self {
        let mut gradient = M::Gradient::zeroed();
        gradient.values_mut().fill(M::Element::NAN);
        Run {
            rows,
            y: Room::new(rows * <OutputOf<M> as Shape>::LEN),
            dx: Room::new(rows * M::Input::LEN),
            gradient,
            saved: Room::new(rows * <M as Layer<M::Input>>::NEEDS.saved),
            random: Random::new(1),
        }
    }

    fn forward(&mut self, model: &M, inputs: &[M::Element]) -> &[M::Element] {
        let needs = <M as Layer<M::Input>>::NEEDS;
        let (mut scratch, mut workspace) = (Room::new(self.rows * needs.forward), Room::new(needs.workspace));
        let mut pass = training(self.rows, &mut self.random);
        let memory = Memory {
            saved: self.saved.numbers(),
            scratch: scratch.numbers(),
            workspace: workspace.numbers(),
        };
        model.forward(&mut pass, inputs, self.y.numbers(), memory);
        scratch.checked();
        workspace.checked();
        self.saved.checked();
        self.y.checked()
    }

    fn backward(&mut self, model: &M, inputs: &[M::Element], dy: &[M::Element]) {
        let needs = <M as Layer<M::Input>>::NEEDS;
        let (mut scratch, mut workspace) =
            (Room::new(self.rows * needs.backward), Room::new(needs.workspace));
        let mut upstream = Room::new(dy.len());
        upstream.numbers().copy_from_slice(dy);
        let mut pass = training(self.rows, &mut self.random);
        let memory = Memory {
            saved: self.saved.numbers(),
            scratch: scratch.numbers(),
            workspace: workspace.numbers(),
        };
        let x = if needs.input { inputs } else { &[] };
        let y = if needs.output { self.y.checked() } else { &[] };
        let edges = Backward { x, y, dy: upstream.numbers(), dx: Some(self.dx.numbers()) };
        model.backward(&mut pass, edges, Some(&mut self.gradient), memory);
        for room in [&scratch, &workspace, &upstream, &self.saved, &self.dx] {
            room.checked();
        }
    }
}

fn training(rows: usize, random: &mut Random) -> TrainingPass<'_, Cpu<'static, Scalar>, usize> {
    let accumulate = Accumulate::Replace;
    TrainingPass { device: Cpu::new(Scalar), rows, accumulate, wants: Wants::Input, random }
}
