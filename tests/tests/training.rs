//! `fit`: it learns, counts right, repeats itself to the bit, and stops where numbers stop being finite.

use std::ops::ControlFlow;

use nanotorch::data::Dataset;
use nanotorch::loss::{CrossEntropy, Loss, Mse};
use nanotorch::model::{Backward, Memory, Needs};
use nanotorch::optimizer::{Adam, Optimizer, Sgd};
use nanotorch::prelude::*;
use nanotorch::run::Training;
use nanotorch::schedule::{Cosine, Schedule};
use nanotorch::train::{
    Accuracy, Callback, ConfusionMatrix, CsvLog, EarlyStopping, Epoch, Evaluate, MeanSquaredError, Metric,
    OnEpoch, Origin, Score, State, TopK, TrainError, Trainer,
};

#[model(input = [8])]
struct Classifier {
    hidden: Linear<8, 32>,
    relu: Relu,
    dropout: Dropout<10>,
    head: Linear<32, 3>,
}

#[model]
struct Block {
    fc: Linear<6, 6>,
    tanh: Tanh,
}

#[model(input = [6])]
struct Deep {
    blocks: [Block; 3],
    head: Linear<6, 2>,
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
    assert_eq!(outputs[3 * 399..], model.predict(training.get(399).unwrap().0).unwrap());
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
fn nan_in_a_middle_layer_is_found_there_and_nothing_changes() {
    let set: Dataset<R1<6>> = Dataset::new(vec![0.5; 6 * 5], vec![0, 1, 0, 1, 0]).unwrap();
    let mut model = Deep::new(1);
    model.blocks[1].fc.weight[2][3] = f32::NAN;
    let before = bits(&*model);
    let trainer = Trainer::<Deep, 2>::new(CrossEntropy::default(), Adam::new(1e-3)).quiet();
    let error = trainer.fit(&mut model, &set, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "epoch 1, batch 1: the loss is NaN; the first output that is not finite is that of `blocks.1.fc`; \
         `blocks.1.fc.weight` held NaN or infinity before this step; the model is as it was before this batch: \
         begin from a model whose parameters are finite"
    );
    assert!(
        matches!(error, TrainError::NotFinite { epoch: 1, batch: 1, layer: Some(layer), .. } if layer == "blocks.1.fc")
    );
    assert_eq!(bits(&*model), before);
}

#[test]
fn divergence_leaves_the_parameters_from_before_the_step() {
    let (mut model, set) = line();
    /// Keeps the parameters after each epoch.
    struct Last(Vec<u32>);
    impl<O> Callback<Line, O> for Last {
        fn epoch(&mut self, state: &mut State<'_, Line, O>) -> Result<ControlFlow<()>, TrainError> {
            self.0 = bits(state.model);
            Ok(ControlFlow::Continue(()))
        }
    }
    let mut last = Last(Vec::new());
    let error = Trainer::<Line, 5>::new(Mse::default(), Sgd::new(1e3))
        .epochs(1000)
        .callback(&mut last)
        .quiet()
        .fit(&mut model, &set, None)
        .unwrap_err();
    let TrainError::NotFinite { epoch, batch: 1, loss, .. } = error else { panic!("{error}") };
    assert!(epoch > 2 && !loss.is_nan(), "{error}");
    assert!(model.values().iter().all(|value| value.is_finite()));
    assert_eq!(bits(&*model), last.0);
}

#[test]
fn bad_data_is_named_as_such() {
    let mut set = clouds(50, 1);
    set.inputs_mut()[8 * 17 + 3] = f32::INFINITY;
    let error = trainer().fit(&mut Classifier::new(1), &set, None).unwrap_err();
    let TrainError::NotFinite { origin, .. } = &error else { panic!("{error}") };
    assert_eq!(*origin, Origin::Input { sample: 17, index: 3 }, "{error}");

    let (mut model, _) = line();
    let set = Dataset::new(vec![0.0, 1.0, 2.0], vec![1.0, f32::NAN, 5.0]).unwrap();
    let trainer = Trainer::<Line, 2>::new(Mse::default(), Sgd::new(0.1)).quiet();
    let error = trainer.fit(&mut model, &set, None).unwrap_err();
    assert_eq!(error.to_string(), "target 1 is NaN, but this loss takes targets that are finite");
}

/// `y = x`, with a derivative that doesn't exist.
#[layer]
struct Broken<T: Float = f32> {
    element: std::marker::PhantomData<fn() -> T>,
}

impl<I: Shape, T: Float> Layer<I> for Broken<T> {
    type Out = I;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;
    fn forward<P: nanotorch::device::Pass>(&self, _: &mut P, x: &[T], y: &mut [T], _: Memory<'_, T>) {
        y.copy_from_slice(x);
    }
    fn backward<P: nanotorch::device::Pass>(
        &self,
        _: &mut P,
        edges: Backward<'_, T>,
        _: Option<&mut Self>,
        _: Memory<'_, T>,
    ) {
        if let Some(dx) = edges.dx {
            dx.fill(T::NAN);
        }
    }
}

#[model(input = [2])]
struct WithBroken {
    first: Linear<2, 2>,
    second: Linear<2, 2>,
    broken: Broken,
    head: Linear<2, 1>,
}

#[test]
fn a_gradient_that_is_not_finite_stops_too() {
    let mut model = WithBroken::new(1);
    let before = bits(&*model);
    let set: Dataset<R1<2>, f32> = Dataset::new(vec![1.0, 2.0], vec![1.0]).unwrap();
    let trainer = Trainer::<WithBroken, 1>::new(Mse::default(), Sgd::new(0.1)).quiet();
    let error = trainer.fit(&mut model, &set, None).unwrap_err();
    let TrainError::NotFinite { layer, origin, loss, .. } = &error else { panic!("{error}") };
    assert_eq!(layer.as_deref(), Some("second"));
    assert!(matches!(origin, Origin::Gradient(name) if name.starts_with("second.")) && loss.is_finite());
    assert_eq!(bits(&*model), before);
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
        let counted = allocation_counter::measure(|| {
            trainer.fit(&mut model, &set, Some(&set)).unwrap();
        });
        counted.count_total
    };
    assert_eq!(count(2000), count(100));
}

const CHILD: &str = "NANOTORCH_TRAINING_CHILD";

#[test]
fn without_a_terminal_there_is_a_plain_line_an_epoch() {
    if std::env::var_os(CHILD).is_some() {
        let trainer = Trainer::<Classifier, 32>::new(CrossEntropy::default(), Adam::new(1e-2)).epochs(10);
        trainer.metric(Accuracy::new()).fit(&mut Classifier::new(1), &clouds(60, 1), None).unwrap();
        return;
    }
    let name = "without_a_terminal_there_is_a_plain_line_an_epoch";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8(child.stderr).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("epoch")).collect();
    assert_eq!(lines.len(), 10, "{text}");
    assert!(lines[0].starts_with("epoch  1/10: loss ") && lines[0].contains(" accuracy "), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
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
    let mut whole = nanotorch::device::Cpu { simd: nanotorch::simd::Scalar };
    let expected = Loss::<R1<3>, f32>::value(&loss, &mut whole, 150, &outputs, set.targets());
    assert!((evaluation.loss - f64::from(expected)).abs() < 1e-5);
    assert_eq!(Metric::<f32, u32>::report(&(), &mut |_| unreachable!("there are no metrics")), ());
}
