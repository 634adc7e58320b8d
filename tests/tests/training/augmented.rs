//! Samples that the trainer changes at random: new ones each epoch, the same ones for the same seed, and after an interruption.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;

use nanotorch::data::{Augmentation, Crop, Flip, Shift};
use nanotorch::prelude::*;
use nanotorch::train::{Callback, State, TrainError};

#[model(input = [1, 6, 6])]
struct Net {
    conv: Conv2d<1, 3, 3>,
    relu: Relu,
    dropout: Dropout<20>,
    flatten: Flatten,
    head: Linear<48, 2>,
}

fn images() -> Dataset<R3<1, 8, 8>> {
    let mut random = Random::new(5);
    let numbers = (0..21 * 64).map(|_| random.uniform_f64() as f32).collect();
    Dataset::new(numbers, (0..21).map(|row| row % 2).collect()).unwrap()
}

type Changes = (Shift, Flip, Crop<R3<1, 6, 6>>);

fn changes() -> Changes {
    (Shift { rows: 1, columns: 1 }, Flip::horizontal(0.5), Crop::random())
}

/// Fails in an epoch, as if the power were cut.
struct Cut(usize);

impl<M: Model, O> Callback<M, O> for Cut {
    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        match state.epoch() {
            Some(epoch) if epoch.number == self.0 => Err(TrainError::Plot { reason: "cut".into() }),
            _ => Ok(ControlFlow::Continue(())),
        }
    }
}

fn run(seed: u64, resume: Option<PathBuf>, cut: usize) -> (Vec<u32>, Result<History, TrainError>) {
    let mut net = Net::new(1);
    let trainer =
        Trainer::<Net, 4>::new(CrossEntropy::default(), Adam::new(1e-2)).epochs(5).seed(seed).quiet();
    let trainer = trainer.augment(changes()).callback(Cut(cut)).metric(Accuracy::new());
    let trainer = match resume {
        Some(path) => trainer.resume(path),
        None => trainer,
    };
    let history = trainer.fit(&mut net, &images(), None);
    (net.values().iter().map(|number| number.to_bits()).collect(), history)
}

#[test]
fn the_seed_decides_and_an_interruption_does_not() {
    let (whole, history) = run(3, None, usize::MAX);
    history.unwrap();
    assert_eq!(run(3, None, usize::MAX).0, whole);
    assert_ne!(run(4, None, usize::MAX).0, whole);
    let path = std::env::temp_dir().join(format!("nanotorch-augmented-{}.safetensors", std::process::id()));
    run(3, Some(path.clone()), 3).1.unwrap_err();
    let (resumed, history) = run(3, Some(path.clone()), usize::MAX);
    std::fs::remove_file(path).unwrap();
    assert_eq!((resumed, history.unwrap().epochs.len()), (whole, 5));
}

/// The same by hand.
#[test]
fn the_trainer_learns_from_what_augmented_batches_give() {
    let (mut net, set) = (Net::new(1), images());
    let mut training = Training::<Net, UpTo<4>>::new(0);
    training.set_random(Random::new(3).fork(u64::MAX));
    let mut optimizer = Adam::new(1e-2).build::<Net>();
    let mut batches = set.batches::<4>(3).augmented(changes(), 3);
    // Epochs are counted from 1.
    for epoch in 1..6 {
        batches.start_epoch(epoch);
        while let Some(batch) = batches.next_batch() {
            training
                .step(&mut net, &mut optimizer, &CrossEntropy::default(), batch.inputs, batch.targets)
                .unwrap();
        }
    }
    let bits: Vec<u32> = net.values().iter().map(|number| number.to_bits()).collect();
    assert_eq!(run(3, None, usize::MAX).0, bits);
}

/// Notes what it is given.
#[derive(Clone, Default)]
struct Noted(Rc<RefCell<Vec<f32>>>);

impl Augmentation<R1<2>, f32> for Noted {
    type Out = R1<2>;
    fn augment(&self, random: &mut Random, sample: &mut [f32]) {
        sample[1] = random.uniform_f64() as f32;
        self.0.borrow_mut().push(sample[1]);
    }
}

#[model(input = [2])]
struct Small {
    fc: Linear<2, 2>,
}

#[test]
fn each_epoch_sees_other_samples_and_the_validation_set_none() {
    let set: Dataset<R1<2>> = Dataset::from_rows([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0, 1, 1]).unwrap();
    let noted = Noted::default();
    let trainer = Trainer::<Small, 2>::new(CrossEntropy::default(), Sgd::new(0.1)).epochs(4).quiet();
    trainer.augment(noted.clone()).fit(&mut Small::new(1), &set, Some(&set)).unwrap();
    let mut seen = noted.0.borrow().clone();
    assert_eq!(seen.len(), 12);
    seen.sort_by(f32::total_cmp);
    seen.dedup();
    assert_eq!(seen.len(), 12);
}

#[test]
fn a_step_allocates_nothing() {
    let set = images();
    let count = |epochs: usize| {
        let mut net = Net::new(1);
        let trainer = Trainer::<Net, 4>::new(CrossEntropy::default(), Sgd::new(0.1)).epochs(epochs).quiet();
        let trainer = trainer.augment(changes());
        allocation_counter::measure(|| drop(trainer.fit(&mut net, &set, None).unwrap())).count_total
    };
    // An epoch has its line in the history; its six steps have nothing.
    let (few, many) = (count(20), count(60));
    assert!(many - few <= 40 * 3, "{few} and {many}");
}
