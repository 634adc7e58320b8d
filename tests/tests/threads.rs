//! Results on several threads are those of one, bit for bit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nanotorch::device::Cpu;
use nanotorch::element::Float;
use nanotorch::kernel::Accumulate;
use nanotorch::kernel::gemm::{Bias, Plain, columns, gemm_on, rows, workspace};
use nanotorch::kernel::map::{BinaryMap, UnaryMap, map_in_place_on, map_on, zip_in_place_on, zip_on};
use nanotorch::kernel::math;
use nanotorch::loss::{CrossEntropy, Loss, Mse};
use nanotorch::model::OutputOf;
use nanotorch::optimizer::{
    Adam, AdamW, NoDecayOnBiases, Numbers, Optimizer, RmsProp, Rule, Settings, Sgd, StepFacts, Update,
};
use nanotorch::prelude::*;
use nanotorch::run::{Inference, Training};
use nanotorch::shape::Batch;
use nanotorch::simd::{Simd, Vector, WithSimd, for_each_isa};
use nanotorch::threads::{Pool, Threads};

/// Numbers from -1 to 1.
fn numbers(length: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..length).map(|_| (2.0 * random.uniform_f64() - 1.0) as f32).collect()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// Large enough in each layer that its products are cut, and in all that the optimizer's step is.
#[model(input = [96], batch = 64)]
struct Dense {
    fc1: Linear<96, 256>,
    relu: Relu,
    drop: Dropout<30>,
    fc2: Linear<256, 96>,
    tanh: Tanh,
    head: Linear<96, 10>,
}

/// Its activations are so long that they are cut too.
#[model(input = [16], batch = 64)]
struct Wide {
    fc1: Linear<16, 1100>,
    gelu: Gelu,
    fc2: Linear<1100, 24, NoBias>,
}

/// With branches, and products of edges.
#[model(input = [8, 96], batch = 16, forward)]
struct Gated {
    value: Linear<96, 96>,
    gate: Linear<96, 96>,
    scale: Param<R1<96>, Ones>,
}

#[forward]
impl Gated {
    fn forward(&self, x: Edge) -> Edge {
        x + self.scale * self.value.forward(x) * self.gate.forward(x).sigmoid()
    }
}

/// What three steps give: losses, outputs, parameters.
fn trained<M, B, L, O>(threads: usize, rows: usize, loss: &L, targets: &[L::Target], optimizer: O) -> Vec<u32>
where
    M: Model<Element = f32>,
    B: Batch,
    L: Loss<OutputOf<M>, f32>,
    O: Optimizer<M>,
{
    let (mut model, mut optimizer) = (nanotorch::model::new::<M>(3), optimizer);
    let mut training = Training::<M, B>::new(7).threads(threads);
    let inputs = numbers(rows * M::Input::LEN, 5);
    let mut all = Vec::new();
    for _ in 0..3 {
        let loss = training.step(&mut model, &mut optimizer, loss, &inputs, &targets[..rows * L::TARGETS]);
        all.push(loss.unwrap().to_bits());
        all.extend(bits(training.outputs()));
    }
    all.extend(bits(model.values()));
    let mut inference = Inference::<M, B>::new().threads(threads);
    all.extend(bits(inference.run(&model, &inputs).unwrap()));
    all
}

/// The same steps on 1, 2 and 3 threads.
macro_rules! same_on_all {
    ($model:ty, $batch:ty, $rows:expr, $loss:expr, $targets:expr, $($optimizer:expr),*) => {
        $({
            let one = trained::<$model, $batch, _, _>(1, $rows, &$loss, $targets, $optimizer);
            for threads in [2, 3] {
                let several = trained::<$model, $batch, _, _>(threads, $rows, &$loss, $targets, $optimizer);
                assert!(one == several, "{} on {threads} threads", stringify!($optimizer));
            }
        })*
    };
}

#[test]
fn training_gives_the_same_bits_with_every_optimizer() {
    let classes: Vec<u32> = (0..64).map(|sample| sample % 10).collect();
    same_on_all!(
        Dense,
        Const<64>,
        64,
        CrossEntropy::default(),
        &classes,
        Sgd::new(0.1).build(),
        Sgd::new(0.1).momentum(0.9).nesterov().weight_decay(1e-3).build(),
        Adam::new(1e-2).clip_norm(0.5).build(),
        AdamW::new(1e-2).groups(NoDecayOnBiases).clip_value(0.1).build(),
        RmsProp::new(1e-3).momentum(0.9).build()
    );
}

#[test]
fn training_gives_the_same_bits_for_every_batch() {
    let classes: Vec<u32> = (0..64).map(|sample| sample % 10).collect();
    for rows in [1, 17, 63] {
        same_on_all!(Dense, UpTo<64>, rows, CrossEntropy::default(), &classes, Adam::new(1e-2).build());
    }
}

#[test]
fn training_gives_the_same_bits_for_every_model() {
    let targets = numbers(16 * 8 * 96, 9);
    same_on_all!(Wide, Const<64>, 64, Mse::default(), &targets, Sgd::new(0.1).build());
    same_on_all!(Gated, UpTo<16>, 15, Mse::default(), &targets, Adam::new(1e-2).build());
}

#[test]
fn several_batches_as_one_step_give_the_same_bits() {
    let classes: Vec<u32> = (0..64).map(|sample| sample % 10).collect();
    let inputs = numbers(64 * 96, 1);
    let gradients = [1, 2, 3].map(|threads| {
        let model = Dense::new(1);
        let mut training = Training::<Dense, Const<64>>::new(7).threads(threads);
        training.gradients(&model, &CrossEntropy::default(), &inputs, &classes).unwrap();
        training.add_gradients(&model, &CrossEntropy::default(), &inputs, &classes).unwrap();
        bits(training.gradient().values())
    });
    assert!(gradients[0] == gradients[1] && gradients[0] == gradients[2]);
}

/// A product in each form, with a bias or added to what is there.
#[derive(Clone)]
struct Products<'a> {
    threads: Threads<'a>,
    sizes: (usize, usize, usize),
}

impl WithSimd for Products<'_> {
    type Output = Vec<Vec<u32>>;
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let Products { threads, sizes: (m, n, k) } = self;
        let (a, b, bias) = (numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3));
        let mut room = vec![0.0; workspace(n, k)];
        let mut outcomes = Vec::new();
        macro_rules! product {
            ($a:expr, $b:expr, $accumulate:ident, $epilogue:expr) => {
                let mut c = numbers(m * n, 4);
                let (accumulate, sizes) = (Accumulate::$accumulate, (m, n, k));
                gemm_on(threads, simd, sizes, $a, $b, &mut c, n, accumulate, $epilogue, &mut room);
                outcomes.push(bits(&c));
            };
        }
        product!(rows(&a, k), rows(&b, n), Replace, Plain);
        product!(rows(&a, k), columns(&b, k), Replace, Bias(&bias));
        product!(columns(&a, m), rows(&b, n), Add, Plain);
        product!(columns(&a, m), columns(&b, k), Add, Bias(&bias));
        outcomes
    }
}

#[test]
fn products_give_the_same_bits() {
    let pools = [2, 3, 5].map(|threads| Pool::new(threads).with_memory(4 << 20));
    for sizes in [(65, 97, 130), (9, 515, 128), (515, 9, 128), (1, 700, 300), (129, 40, 530), (700, 1, 600)] {
        for_each_isa(Products { threads: Threads::ALONE, sizes }, |isa, alone| {
            for pool in &pools {
                let several = Products { threads: Threads::of(pool), sizes };
                let several = nanotorch::simd::dispatch_on(isa, several).unwrap();
                assert!(alone == several, "{sizes:?} on {} threads with {isa}", pool.count());
            }
        });
    }
}

#[test]
fn products_without_room_for_several_threads_are_done_by_one() {
    let pool = Pool::new(2);
    let sizes = (65, 97, 130);
    for_each_isa(Products { threads: Threads::of(&pool), sizes }, |isa, outcome| {
        let alone = Products { threads: Threads::ALONE, sizes };
        assert!(nanotorch::simd::dispatch_on(isa, alone).unwrap() == outcome);
    });
}

#[derive(Clone, Copy)]
struct Exp;
impl<T: Float> UnaryMap<T> for Exp {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
        math::exp(x)
    }
}

#[derive(Clone, Copy)]
struct Multiply;
impl<T: Float> BinaryMap<T> for Multiply {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        a * b
    }
}

/// Each form of a map over a length that is cut.
#[derive(Clone)]
struct Maps<'a>(Threads<'a>);

impl WithSimd for Maps<'_> {
    type Output = Vec<Vec<u32>>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let length = 100_003;
        let (a, b) = (numbers(length, 1), numbers(length, 2));
        let mut y = [vec![0.0; length], a.clone(), vec![0.0; length], b.clone()];
        map_on(self.0, simd, Exp, &a, &mut y[0]);
        map_in_place_on(self.0, simd, Exp, &mut y[1]);
        zip_on(self.0, simd, Multiply, &a, &b, &mut y[2]);
        zip_in_place_on(self.0, simd, Multiply, &a, &mut y[3]);
        y.iter().map(|numbers| bits(numbers)).collect()
    }
}

#[test]
fn maps_give_the_same_bits() {
    let pools = [2, 3].map(Pool::new);
    for_each_isa(Maps(Threads::ALONE), |isa, alone| {
        assert!(alone[0] == alone[1] && alone[2] == alone[3]);
        for pool in &pools {
            let several = nanotorch::simd::dispatch_on(isa, Maps(Threads::of(pool))).unwrap();
            assert!(alone == several, "{} threads with {isa}", pool.count());
        }
    });
}

/// A rule that can't go on.
#[derive(Clone, Debug)]
struct Stuck;
struct StuckUpdate;

impl Rule for Stuck {
    const NAME: &'static str = "stuck";
    type Update<T: Float> = StuckUpdate;
    fn update<T: Float>(&self, _: &StepFacts) -> StuckUpdate {
        StuckUpdate
    }
    fn learning_rate(&self) -> f64 {
        0.0
    }
    fn set_learning_rate(&mut self, _: f64) {}
}

impl<T: Float> Update<T> for StuckUpdate {
    fn apply<S: Simd>(&self, _: Cpu<S>, _: Numbers<'_, T>) {
        panic!("nothing moves");
    }
}

#[test]
fn a_panic_on_another_thread_is_the_callers() {
    let mut model = Dense::new(1);
    let mut training = Training::<Dense, Const<64>>::new(7).threads(3);
    let mut stuck = Settings::of(Stuck).build::<Dense>();
    let panic = catch_unwind(AssertUnwindSafe(|| training.apply(&mut model, &mut stuck))).unwrap_err();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "nothing moves");
    // And training goes on.
    let mut sgd = Sgd::new(0.1).build::<Dense>();
    training.apply(&mut model, &mut sgd);
}

/// Whether this process has so many threads, or will soon.
#[cfg(target_os = "linux")]
fn has_threads(expected: usize) -> bool {
    let has = || std::fs::read_dir("/proc/self/task").unwrap().count() == expected;
    (0..1000).any(|_| has() || (std::thread::sleep(std::time::Duration::from_millis(5)), false).1)
}

/// In a process of its own, as other tests start threads too.
#[test]
#[cfg(target_os = "linux")]
fn threads_are_started_when_asked_for_and_end_with_their_owner() {
    if std::env::var_os("NANOTORCH_COUNT_THREADS").is_none() {
        let test = std::env::current_exe().unwrap();
        let status = std::process::Command::new(test)
            .args([
                "--exact",
                "threads_are_started_when_asked_for_and_end_with_their_owner",
                "--test-threads=1",
            ])
            .env("NANOTORCH_COUNT_THREADS", "1")
            .status();
        return assert!(status.unwrap().success());
    }
    let before = std::fs::read_dir("/proc/self/task").unwrap().count();
    let training = Training::<Dense, Const<64>>::new(1).threads(1);
    let inference = Inference::<Dense, Const<1>>::new();
    assert!(has_threads(before));
    let training = training.threads(3);
    assert!(has_threads(before + 2));
    let inference = inference.threads(2);
    assert!(has_threads(before + 3));
    drop(training);
    assert!(has_threads(before + 1));
    drop(inference);
    assert!(has_threads(before));
}

/// Whoever trains several models in a pool of their own has the threads of that pool, and no others: in a process of its own.
#[test]
#[cfg(target_os = "linux")]
fn models_in_the_callers_pool_start_no_threads() {
    const NAME: &str = "models_in_the_callers_pool_start_no_threads";
    if std::env::var_os("NANOTORCH_COUNT_THREADS").is_none() {
        let test = std::env::current_exe().unwrap();
        let mut test = std::process::Command::new(test);
        test.args(["--exact", NAME, "--test-threads=1"]).env("NANOTORCH_COUNT_THREADS", "1");
        return assert!(test.status().unwrap().success());
    }
    use rayon::prelude::*;
    let classes: Vec<u32> = (0..64).map(|sample| sample % 10).collect();
    let train = |_| {
        trained::<Dense, Const<64>, _, _>(1, 64, &CrossEntropy::default(), &classes, Adam::new(1e-2).build())
    };
    let alone = train(0);
    let before = std::fs::read_dir("/proc/self/task").unwrap().count();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let most = std::sync::atomic::AtomicUsize::new(0);
    let all: Vec<_> = pool.install(|| {
        (0..6)
            .into_par_iter()
            .map(|model| {
                let outcome = train(model);
                let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
                most.fetch_max(threads, std::sync::atomic::Ordering::Relaxed);
                outcome
            })
            .collect()
    });
    assert!(all.iter().all(|outcome| *outcome == alone));
    assert_eq!(most.into_inner(), before + 3);
}
