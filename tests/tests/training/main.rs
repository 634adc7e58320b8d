//! `fit`: it learns, counts right, and repeats itself to the bit.

mod augmented;
mod averaging;
mod metrics;
mod not_finite;
mod resume;

use std::ops::ControlFlow;

use nanotorch::loss::Loss;
use nanotorch::prelude::*;
use nanotorch::train::{Epoch, MeanSquaredError, Metric, OnEpoch, Score, TrainError};

#[model(input = [8])]
struct Classifier {
    hidden: Linear<8, 32>,
    relu: Relu,
    dropout: Dropout<10>,
    head: Linear<32, 3>,
}

#[model(input = [1])]
struct Line {
    fc: Linear<1, 1>,
}

/// Three clouds of points around corners of a cube, like handwritten digits but easier.
fn clouds(samples: usize, seed: u64) -> Dataset<R1<8>> {
    let mut random = Random::new(seed);
    let (mut inputs, mut classes) = (Vec::new(), Vec::new());
    for _ in 0..samples {
        let class = random.below(3);
        classes.push(class as u32);
        inputs.extend((0..8).map(|axis| (0.5 * random.normal() + f64::from(axis % 3 == class)) as f32));
    }
    Dataset::new(inputs, classes).unwrap()
}

/// `y = 2 x + 1`, with a model that begins at 0.
fn line() -> (Box<Line>, Dataset<R1<1>, f32>) {
    let mut model = Line::new(0);
    model.values_mut().fill(0.0);
    let set = Dataset::new(vec![0.0, 1.0, 2.0, 3.0, 4.0], vec![1.0, 3.0, 5.0, 7.0, 9.0]).unwrap();
    (model, set)
}

fn bits(model: &impl Parameters<Element = f32>) -> Vec<u32> {
    model.values().iter().map(|value| value.to_bits()).collect()
}

type Trained<O> = Trainer<Classifier, 32, CrossEntropy, O>;

fn trainer() -> Trained<Adam> {
    Trainer::<Classifier, 32>::new(CrossEntropy::default(), Adam::new(1e-2)).epochs(8).seed(5).quiet()
}

#[test]
fn learns_and_says_so() {
    let (training, validation) = clouds(500, 1).split(0.8, 2);
    let mut model = Classifier::new(3);
    let history = trainer()
        .metric(Accuracy::new())
        .metric(TopK::<2>::new())
        .fit(&mut model, &training, Some(&validation))
        .unwrap();
    assert_eq!(history.epochs.len(), 8);
    let (first, last) = (&history.epochs[0], history.last().unwrap());
    assert!(last.training.loss < first.training.loss);
    let accuracy = last.score("accuracy").unwrap().value;
    assert!(accuracy > 0.9, "{history}");
    assert!(last.score("top-2").unwrap().value >= accuracy);

    let mut confusion = ConfusionMatrix::with_names(["a", "b", "c"]);
    let again = model.evaluate(&validation, &CrossEntropy::default(), (Accuracy::new(), &mut confusion));
    let again = again.unwrap();
    assert_eq!(Some(again.loss), last.score("loss").map(|score| score.value));
    assert_eq!((again.get("accuracy"), confusion.accuracy()), (Some(accuracy), accuracy));
    assert_eq!(confusion.total(), validation.len() as u64);
    // More than one batch, and a partial one.
    let outputs = model.predict(training.inputs()).unwrap();
    assert_eq!(outputs.len(), 3 * training.len());
    assert_eq!(outputs[3 * 398..], model.predict(&training.inputs()[8 * 398..]).unwrap());
}

#[test]
fn same_seed_same_bits_and_another_seed_others() {
    let set = clouds(100, 1);
    let run = |seed| {
        let mut model = Classifier::new(3);
        let history = trainer().seed(seed).metric(Accuracy::new()).fit(&mut model, &set, None).unwrap();
        let losses: Vec<u64> = history.epochs.iter().map(|epoch| epoch.training.loss.to_bits()).collect();
        (bits(&*model), losses)
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

/// Large enough for a step to be cut.
#[model(input = [64])]
struct Wide {
    hidden: Linear<64, 256>,
    relu: Relu,
    head: Linear<256, 128>,
}

#[test]
fn more_threads_give_the_same_bits() {
    let mut random = Random::new(1);
    let inputs = (0..64 * 130).map(|_| random.normal() as f32).collect();
    let set: Dataset<R1<64>> = Dataset::new(inputs, (0..130).map(|row| row % 128).collect()).unwrap();
    let run = |threads| {
        let mut model = Wide::new(1);
        let trainer = Trainer::<Wide, 64>::new(CrossEntropy::default(), Adam::new(1e-3)).epochs(2);
        let history = trainer.threads(threads).quiet().fit(&mut model, &set, Some(&set)).unwrap();
        let losses = history.epochs.iter().map(|epoch| epoch.score("loss").map(|loss| loss.value.to_bits()));
        (bits(&*model), losses.collect::<Vec<_>>())
    };
    let expected = run(1);
    for threads in [0, 2, 3] {
        assert!(run(threads) == expected, "{threads} threads");
    }
}

#[test]
fn fit_is_the_loop_by_hand() {
    let set = clouds(77, 4);
    let mut fitted = Classifier::new(3);
    let schedule = Cosine::new(1e-2, 20).warm_up(3);
    trainer().epochs(3).schedule(schedule).fit(&mut fitted, &set, None).unwrap();

    let mut model = Classifier::new(3);
    let mut training = Training::<Classifier, UpTo<32>>::new(0);
    training.set_random(Random::new(5).fork(u64::MAX));
    let mut optimizer = Adam::new(1e-2).build::<Classifier>();
    let mut batches = set.batches::<32>(5);
    for epoch in 1..=3 {
        batches.start_epoch(epoch);
        while let Some(batch) = batches.next_batch() {
            optimizer.set_learning_rate(schedule.rate(optimizer.steps()));
            let loss = CrossEntropy::default();
            training.step(&mut model, &mut optimizer, &loss, batch.inputs, batch.targets).unwrap();
        }
    }
    assert_eq!(bits(&*fitted), bits(&*model));
}

#[test]
fn partial_batches_count_by_their_samples() {
    let (mut model, set) = line();
    let standing = Sgd::new(0.0);
    let history = Trainer::<Line, 2>::new(Mse::default(), standing)
        .epochs(1)
        .metric(MeanSquaredError::new())
        .quiet()
        .fit(&mut model, &set, Some(&set))
        .unwrap();
    // 1, 3, 5, 7, 9 squared, in batches of 2, 2 and 1.
    let epoch = &history.epochs[0];
    for evaluation in [&epoch.training, epoch.validation.as_ref().unwrap()] {
        assert!((evaluation.loss - 33.0).abs() < 1e-5, "{}", evaluation.loss);
        assert_eq!(evaluation.get("mse"), Some(33.0));
    }
}

#[test]
fn a_batch_larger_than_the_set_is_the_set() {
    let (mut model, set) = line();
    let history = Trainer::<Line, 64>::new(Mse::default(), Sgd::new(0.05)).epochs(300).quiet();
    let history = history.fit(&mut model, &set, None).unwrap();
    assert!(history.last().unwrap().training.loss < 1e-3);
}

#[test]
fn sets_that_do_not_fit_are_refused_before_anything_happens() {
    let fit = |set: Dataset<R1<8>>| {
        trainer().fit(&mut Classifier::new(1), &set, None).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(fit(Dataset::new(vec![], vec![]).unwrap()), "the data set has no samples");
    let mut classes = vec![0; 40];
    classes[35] = 3;
    assert_eq!(
        fit(Dataset::new(vec![0.0; 320], classes).unwrap()),
        "target 35 is class 3, but the prediction has 3 classes, 0 to 2"
    );
    assert_eq!(
        fit(Dataset::with_targets(vec![0.0; 8], vec![0, 1], 2).unwrap()),
        "the data set has 2 targets a sample, but the loss needs 1: is the model's output of that shape?"
    );
    let wrong = Trainer::<Classifier, 8>::new(CrossEntropy::default(), Adam::new(-1.0)).quiet();
    let error = wrong.fit(&mut Classifier::new(1), &clouds(9, 1), None).unwrap_err();
    assert!(matches!(error, TrainError::Setting(_)), "{error}");
}

#[test]
fn early_stopping_keeps_the_best_parameters() {
    // Trained on one rule and validated on another, it gets worse sooner or later.
    let training = clouds(64, 1);
    let validation = Dataset::new(training.inputs().to_vec(), {
        training
            .targets()
            .iter()
            .enumerate()
            .map(|(row, &class)| if row % 3 == 0 { 2 - class } else { class })
            .collect()
    })
    .unwrap();
    let mut model = Classifier::new(3);
    let history = trainer()
        .epochs(500)
        .callback(EarlyStopping::new(4))
        .fit(&mut model, &training, Some(&validation))
        .unwrap();
    let best = history.best("loss").unwrap();
    assert_eq!(history.epochs.len(), best.number + 4, "{history}");
    let now = model.evaluate(&validation, &CrossEntropy::default(), ()).unwrap();
    assert_eq!(Some(now.loss), best.score("loss").map(|score| score.value));

    let watching = trainer().callback(EarlyStopping::new(4).of("accuracy"));
    let error = watching.fit(&mut model, &training, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no score `accuracy`; measured are `loss`; add the metric to the trainer"
    );
}

#[test]
fn a_callback_can_stop_and_all_see_the_last_epoch() {
    let mut seen = 0;
    let history =
        trainer()
            .callback(OnEpoch(|epoch: &Epoch| {
                if epoch.number == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }))
            .callback(OnEpoch(|_: &Epoch| {
                seen += 1;
                ControlFlow::Continue(())
            }))
            .fit(&mut Classifier::new(1), &clouds(40, 1), None)
            .unwrap();
    assert_eq!((history.epochs.len(), seen), (3, 3));
}

#[test]
fn the_csv_log_grows_and_refuses_another_table() {
    let folder = folder("csv");
    let path = folder.join("log.csv");
    let set = clouds(40, 1);
    let run = |epochs| {
        let trainer = trainer().epochs(epochs).metric(Accuracy::new()).callback(CsvLog::new(&path));
        trainer.fit(&mut Classifier::new(1), &set, Some(&set)).unwrap()
    };
    let history = run(2);
    run(1);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "epoch,learning_rate,seconds,loss,accuracy,validation_loss,validation_accuracy");
    assert_eq!(lines.len(), 4);
    let fields: Vec<f64> = lines[2].split(',').map(|field| field.parse().unwrap()).collect();
    let epoch = &history.epochs[1];
    let validation = epoch.validation.as_ref().unwrap();
    let scores =
        [epoch.training.loss, epoch.training.scores[0].value, validation.loss, validation.scores[0].value];
    assert_eq!((fields[0], fields[1], &fields[3..]), (2.0, 1e-2, &scores[..]));

    let other = trainer().callback(CsvLog::new(&path)).fit(&mut Classifier::new(1), &set, None);
    assert!(matches!(other.unwrap_err(), TrainError::OtherColumns { .. }));
    let nowhere = trainer().callback(CsvLog::new(folder.join("no/such/log.csv")));
    let error = nowhere.fit(&mut Classifier::new(1), &set, None).unwrap_err();
    assert!(matches!(error, TrainError::File { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A folder of this test's own.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("nanotorch-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn an_epoch_allocates_no_more_for_more_batches() {
    let count = |samples| {
        let (set, mut model) = (clouds(samples, 1), Classifier::new(1));
        let trainer = trainer().epochs(2).metric(Accuracy::new()).schedule(Cosine::new(1e-2, 10));
        let trainer = trainer.accumulate(3).average(0.9);
        let counted = allocation_counter::measure(|| {
            trainer.fit(&mut model, &set, Some(&set)).unwrap();
        });
        counted.count_total
    };
    assert_eq!(count(2000), count(100));
}

const CHILD: &str = "NANOTORCH_TRAINING_CHILD";

/// Trains in a process of its own, for its standard error stream to be looked at.
#[test]
fn a_run_that_is_watched() {
    if std::env::var_os(CHILD).is_some() {
        let trainer = Trainer::<Classifier, 32>::new(CrossEntropy::default(), Adam::new(1e-2)).epochs(10);
        trainer.metric(Accuracy::new()).fit(&mut Classifier::new(1), &clouds(60, 1), None).unwrap();
    }
}

const WATCHED: [&str; 3] = ["--exact", "a_run_that_is_watched", "--nocapture"];

#[test]
fn without_a_terminal_there_is_a_plain_line_an_epoch() {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let child = child.args(WATCHED).env(CHILD, "1").output().unwrap();
    let text = String::from_utf8(child.stderr).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("epoch")).collect();
    assert_eq!(lines.len(), 10, "{text}");
    assert!(lines[0].starts_with("epoch  1/10: loss ") && lines[0].contains(" accuracy "), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
}

#[test]
fn in_a_terminal_there_is_a_bar() {
    // `script` runs a command in a terminal of its own.
    let program = std::env::current_exe().unwrap();
    let command = format!("stty cols 100; '{}' {}", program.display(), WATCHED.join(" "));
    let mut script = std::process::Command::new("script");
    let script = script.args(["--quiet", "--return", "--command", &command, "/dev/null"]).env(CHILD, "1");
    let Ok(output) = script.env("TERM", "xterm").output() else {
        println!("skipped: there is no command `script`");
        return;
    };
    if !output.status.success() {
        println!("skipped: `script` can't run a command: {}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("epoch  1/10 [") && text.contains("] 0/2"), "{text:?}");
    assert!(text.contains("epoch 10/10: loss "), "{text:?}");
}

/// Naive twins of the metrics.
#[test]
fn metrics_are_those_of_the_whole_set() {
    let set = clouds(150, 9);
    let model = Classifier::new(2);
    let outputs = model.predict(set.inputs()).unwrap();
    let rank = |row: usize| {
        let outputs = &outputs[3 * row..3 * row + 3];
        let own = outputs[set.targets()[row] as usize];
        outputs.iter().filter(|&&output| output > own).count()
    };
    let share = |limit: usize| (0..150).filter(|&row| rank(row) < limit).count() as f64 / 150.0;
    let loss = CrossEntropy::default();
    let metrics = (Accuracy::new(), TopK::<1>::new(), TopK::<2>::new(), TopK::<3>::new());
    let evaluation = model.evaluate(&set, &loss, metrics).unwrap();
    let values: Vec<f64> = evaluation.scores.iter().map(|score| score.value).collect();
    assert_eq!(values, [share(1), share(1), share(2), 1.0]);
    assert_eq!(evaluation.scores[2], Score::fraction("top-2", share(2)));
    let mut whole = nanotorch::device::Cpu::new(nanotorch::simd::Scalar);
    let expected = Loss::<R1<3>, f32>::value(&loss, &mut whole, 150, &outputs, set.targets());
    assert!((evaluation.loss - f64::from(expected)).abs() < 1e-5);
    assert_eq!(Metric::<f32, u32>::report(&(), &mut |_| unreachable!("there are no metrics")), ());
}
