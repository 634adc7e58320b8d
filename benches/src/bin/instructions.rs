//! Counts instructions, which don't depend on the clock or on what else the machine does: a guard against slow changes.
//!
//! `cargo run --release -p nanotorch-benches --bin instructions` runs each case under valgrind, which has AVX2 but no AVX-512, and
//! fails where a case takes more instructions than it may. `instructions CASE STEPS` is what runs there.

use std::hint::black_box;
use std::process::{Command, ExitCode};

use nanotorch::loss::{CrossEntropy, Loss, Mse};
use nanotorch::model::OutputOf;
use nanotorch::optimizer::{Adam, Sgd};
use nanotorch::prelude::*;
use nanotorch::run::{Inference, Training};
use nanotorch_benches::{LeNet, Mnist, Tiny, TinyByHand};

/// A name, the steps that are counted, what runs so many steps, and how many instructions one may take: what was counted when
/// the line was last changed, and a twentieth more, for other compilers.
type Case = (&'static str, usize, fn(usize), u64);

const CASES: [Case; 7] = [
    ("mlp-tiny-train", 200, tiny_train, 18_900),
    ("mlp-tiny-infer", 2000, tiny_infer, 335),
    ("mlp-mnist-train", 4, classify::<Mnist>, 26_850_000),
    ("mlp-mnist-infer", 40, answer::<Mnist>, 135_100),
    ("cnn-lenet-train", 4, classify::<LeNet>, 41_500_000),
    ("cnn-lenet-infer", 40, answer::<LeNet>, 265_000),
    ("tape-tiny-train", 100, tape_train, 93_500),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [] => check(),
        [name, steps] => run(name, steps),
        _ => Err("usage: instructions [CASE STEPS]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the steps of a case.
fn run(name: &str, steps: &str) -> Result<(), String> {
    let case =
        CASES.iter().find(|case| case.0 == name).ok_or_else(|| format!("there is no case `{name}`"))?;
    case.2(steps.parse().map_err(|_| format!("`{steps}` is no number of steps"))?);
    Ok(())
}

/// Counts all cases, and says which take more than they may.
fn check() -> Result<(), String> {
    let mut beyond = Vec::new();
    for (name, steps, _, most) in CASES {
        // What comes before and after the steps is in both counts.
        let few = count(name, steps / 4)?;
        let each = (count(name, steps)? - few) / (steps - steps / 4) as u64;
        println!("{name},nanotorch,1,instructions,{each}");
        if each > most {
            beyond.push(format!("{name} takes {each} instructions a step, more than {most}"));
        }
    }
    if beyond.is_empty() { Ok(()) } else { Err(beyond.join("\n")) }
}

/// Instructions of a run of so many steps.
fn count(name: &str, steps: usize) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([name, &steps.to_string()])
        .output()
        .map_err(|error| format!("valgrind can't be started ({error}); install the package `valgrind`"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected :"));
    let number = collected.and_then(|(_, number)| number.trim().parse().ok());
    number.ok_or_else(|| format!("valgrind counted nothing:\n{report}"))
}

fn numbers(length: usize) -> Vec<f32> {
    let mut random = Random::new(1);
    (0..length).map(|_| (2.0 * random.uniform_f64() - 1.0) as f32).collect()
}

fn tiny_train(steps: usize) {
    let (mut model, mut sgd) = (Tiny::new(1), Sgd::new(1e-3).build::<Tiny>());
    let mut training = Training::<Tiny, Const<32>>::new(1);
    let (inputs, targets) = (numbers(32 * 4), numbers(32 * 2));
    for _ in 0..steps {
        let _ = black_box(training.step(&mut model, &mut sgd, &Mse::default(), &inputs, &targets));
    }
}

fn tiny_infer(steps: usize) {
    let (model, inputs) = (Tiny::new(1), numbers(4));
    let mut inference = Inference::<Tiny, Const<1>>::new();
    for _ in 0..steps {
        let _ = black_box(inference.run(&model, black_box(&inputs)));
    }
}

fn tape_train(steps: usize) {
    let (mut net, mut tape) = (TinyByHand::new(), Tape::new());
    let (inputs, targets) = (Tensor::normal(4), Tensor::normal(5));
    for _ in 0..steps {
        black_box(net.step(&mut tape, &inputs, &targets));
    }
}

/// Steps of a classifier of images with 784 pixels.
fn classify<M: Model<Element = f32>>(steps: usize)
where
    CrossEntropy: Loss<OutputOf<M>, f32, Target = u32>,
{
    let (mut model, mut adam) = (nanotorch::model::new::<M>(1), Adam::new(1e-4).build::<M>());
    let mut training = Training::<M, Const<64>>::new(1);
    let (inputs, classes) = (numbers(64 * 784), (0..64).map(|sample| sample % 10).collect::<Vec<u32>>());
    for _ in 0..steps {
        let _ = black_box(training.step(&mut model, &mut adam, &CrossEntropy::default(), &inputs, &classes));
    }
}

/// Answers of the same.
fn answer<M: Model<Element = f32>>(steps: usize) {
    let (model, inputs) = (nanotorch::model::new::<M>(1), numbers(784));
    let mut inference = Inference::<M, Const<1>>::new();
    for _ in 0..steps {
        let _ = black_box(inference.run(&model, black_box(&inputs)));
    }
}
