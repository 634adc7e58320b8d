//! Runs that are interrupted and go on, and what is kept in files on the way.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use nanotorch::prelude::*;
use nanotorch::train::{Callback, State, TrainError};

#[model(input = [4])]
struct Net {
    hidden: Linear<4, 8>,
    relu: Relu,
    dropout: Dropout<25>,
    head: Linear<8, 2>,
}

fn set(seed: u64) -> Dataset<R1<4>> {
    let mut random = Random::new(seed);
    let inputs: Vec<f32> = (0..4 * 50).map(|_| random.normal() as f32).collect();
    // One label in ten is wrong, so that the validation loss gets worse at some time.
    let classes =
        inputs.chunks(4).map(|x| u32::from((x[0] * x[1] > 0.0) != (random.below(10) == 0))).collect();
    Dataset::new(inputs, classes).unwrap()
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("nanotorch-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What isn't removed is in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Fails in an epoch, as if the power were cut before it was saved.
struct Cut(usize);

impl<M: Model, O> Callback<M, O> for Cut {
    fn epoch(&mut self, state: &mut State<'_, M, O>) -> Result<ControlFlow<()>, TrainError> {
        if state.epoch().unwrap().number == self.0 {
            return Err(TrainError::Plot { reason: "cut".into() });
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Trains a fresh model, with everything that has a state, until epoch `cut` at most.
fn run(folder: &Path, epochs: usize, patience: usize, cut: usize) -> (Vec<u32>, Result<History, TrainError>) {
    let mut model = Net::new(3);
    let result = Trainer::<Net, 8>::new(CrossEntropy::default(), Adam::new(0.02).clip_norm(1.0))
        .epochs(epochs)
        .seed(11)
        .metric(Accuracy::new())
        .schedule(Cosine::new(0.02, 600))
        .accumulate(2)
        .average(0.8)
        .callback(EarlyStopping::new(patience))
        .callback(BestCheckpoint::new(folder.join("best.safetensors")).of("accuracy"))
        .callback(CsvLog::new(folder.join("log.csv")))
        .callback(Cut(cut))
        .resume(folder.join("run.safetensors"))
        .quiet()
        .fit(&mut model, &set(1), Some(&set(2)));
    (bits(&*model), result)
}

fn bits(model: &impl Parameters<Element = f32>) -> Vec<u32> {
    model.values().iter().map(|value| value.to_bits()).collect()
}

/// All but the time that it took.
fn timeless(mut history: History) -> History {
    history.epochs.iter_mut().for_each(|epoch| epoch.seconds = 0.0);
    history
}

fn epochs_in_log(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("log.csv")).unwrap();
    let timeless = text.lines().map(|line| {
        let mut fields: Vec<&str> = line.split(',').collect();
        fields.remove(2);
        fields.join(",")
    });
    timeless.collect()
}

#[test]
fn an_interrupted_run_ends_as_if_it_had_not_been() {
    let (whole, cut) = (Folder::new("whole"), Folder::new("cut"));
    let (expected, history) = run(&whole.0, 40, 6, usize::MAX);
    let history = history.unwrap();
    let stopped = history.epochs.len();
    let best = history.best("loss").unwrap().number;
    assert!(stopped == best + 6 && stopped < 40, "{history}");

    // Cut twice: once before and once after the best epoch.
    for at in [best.max(2) - 1, best + 3] {
        run(&cut.0, 40, 6, at).1.unwrap_err();
    }
    let (bits_after, resumed) = run(&cut.0, 40, 6, usize::MAX);
    assert_eq!(timeless(resumed.unwrap()), timeless(history.clone()));
    assert_eq!(bits_after, expected);
    assert_eq!(epochs_in_log(&cut.0), epochs_in_log(&whole.0));
    for name in ["best.safetensors", "run.best.safetensors"] {
        let [a, b] = [&cut, &whole].map(|folder| std::fs::read(folder.0.join(name)).unwrap());
        assert!(a == b, "{name}");
    }

    // What was stopped stays so.
    let (again, still) = run(&cut.0, 40, 6, usize::MAX);
    assert_eq!((again, still.unwrap().epochs.len()), (expected, stopped));
}

#[test]
fn more_epochs_go_on_where_the_last_run_ended() {
    let (whole, parts) = (Folder::new("long"), Folder::new("parts"));
    let (expected, _) = run(&whole.0, 9, 100, usize::MAX);
    for epochs in [2, 5, 9] {
        let (_, history) = run(&parts.0, epochs, 100, usize::MAX);
        assert_eq!(history.unwrap().epochs.len(), epochs);
    }
    let (last, _) = run(&parts.0, 9, 100, usize::MAX);
    assert_eq!(last, expected);
}

#[test]
fn the_best_checkpoint_is_a_model_with_the_best_score() {
    let folder = Folder::new("best");
    let (_, history) = run(&folder.0, 15, 100, usize::MAX);
    let mut model = Net::new(0);
    checkpoint::load(&mut *model, folder.0.join("best.safetensors")).unwrap();
    let evaluation = model.evaluate(&set(2), &CrossEntropy::default(), Accuracy::new()).unwrap();
    let history = history.unwrap();
    assert_eq!(
        evaluation.get("accuracy"),
        history.best("accuracy").unwrap().score("accuracy").map(|it| it.value)
    );
    // The run's own file holds a model too.
    checkpoint::load(&mut *model, folder.0.join("run.safetensors")).unwrap();
}

#[test]
fn a_file_of_another_run_is_refused_and_nothing_changes() {
    let folder = Folder::new("other");
    run(&folder.0, 2, 100, usize::MAX).1.unwrap();
    let path = folder.0.join("run.safetensors");
    let fit = |trainer: Trainer<Net, 8, CrossEntropy, Adam>| {
        let mut model = Net::new(5);
        let error = trainer.resume(&path).quiet().fit(&mut model, &set(1), None).unwrap_err();
        assert_eq!(bits(&*model), bits(&*Net::new(5)));
        error.to_string()
    };
    let new = || Trainer::<Net, 8>::new(CrossEntropy::default(), Adam::new(0.02));
    let place = path.display();
    assert_eq!(
        fit(new().seed(12)),
        format!("{place}: it is of a run whose seed is 11, not 12; move the file away to begin anew")
    );
    assert_eq!(
        fit(new().seed(11)),
        format!("{place}: it is of a run whose accumulate is 2, not 1; move the file away to begin anew")
    );
    assert_eq!(
        fit(new().seed(11).accumulate(2)),
        format!("{place}: it is of a run whose average is 0.8, not none; move the file away to begin anew")
    );
    std::fs::write(&path, b"not a checkpoint").unwrap();
    assert!(fit(new().seed(11)).starts_with(&format!("{place}: ")));
}
