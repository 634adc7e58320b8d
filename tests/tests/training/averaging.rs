//! Several batches a step, and a moving average of the weights.

use nanotorch::loss::{DivergenceReduction, Loss, Reduction};
use nanotorch::prelude::*;
use nanotorch::train::TrainError;

use crate::{Classifier, Line, bits, clouds, line, trainer};

/// Without dropout, which draws by batches.
#[model(input = [8])]
struct Plain {
    hidden: Linear<8, 16>,
    tanh: Tanh,
    head: Linear<16, 3>,
}

/// The parameters after two epochs in batches of `BATCH`, of which `accumulate` share a step.
fn learned<const BATCH: usize>(accumulate: usize, reduction: Reduction, samples: usize) -> Vec<f32> {
    let mut model = Plain::new(3);
    let loss = CrossEntropy { reduction, ..CrossEntropy::default() };
    let trainer = Trainer::<Plain, BATCH>::new(loss, Sgd::new(0.05)).epochs(2).seed(5).accumulate(accumulate);
    let history = trainer.quiet().fit(&mut model, &clouds(samples, 1), None).unwrap();
    assert_eq!(history.epochs.len(), 2);
    model.values().to_vec()
}

#[test]
fn several_batches_a_step_are_one_large_batch() {
    // Whole groups; a last group of two; a last batch of 3 in a group, and alone.
    for samples in [96, 112, 99, 115, 3] {
        for reduction in [Reduction::Mean, Reduction::Sum] {
            let (one, several) = (learned::<24>(1, reduction, samples), learned::<8>(3, reduction, samples));
            for (one, several) in one.iter().zip(&several) {
                assert!((one - several).abs() < 1e-5, "{samples} samples, {reduction:?}: {one} {several}");
            }
            assert_ne!(
                learned::<8>(1, reduction, samples.max(20)),
                learned::<8>(3, reduction, samples.max(20))
            );
        }
    }
    assert_eq!(learned::<8>(0, Reduction::Mean, 50), learned::<8>(1, Reduction::Mean, 50));
}

#[test]
fn each_loss_says_how_batches_become_one() {
    fn check<L: Loss<R1<3>, f32>>(mean: L, sum: L) {
        assert_eq!((mean.reduction(), sum.reduction()), (Reduction::Mean, Reduction::Sum));
    }
    let reduction = Reduction::Sum;
    check(Mse::default(), Mse { reduction });
    check(Mae::default(), Mae { reduction });
    check(Huber::default(), Huber { reduction, ..Huber::default() });
    check(SmoothL1::default(), SmoothL1 { reduction, ..SmoothL1::default() });
    check(CrossEntropy::default(), CrossEntropy { reduction, ..CrossEntropy::default() });
    check(SoftCrossEntropy::default(), SoftCrossEntropy { reduction, ..SoftCrossEntropy::default() });
    check(BceWithLogits::default(), BceWithLogits { reduction, ..BceWithLogits::default() });
    check(Hinge::default(), Hinge { reduction });
    check(MultiClassHinge::default(), MultiClassHinge { reduction, ..MultiClassHinge::default() });
    let sum = KlDivergence { reduction: DivergenceReduction::Sum };
    check(KlDivergence::default(), sum);
    check(KlDivergence { reduction: DivergenceReduction::BatchMean }, sum);
}

#[test]
fn a_schedule_counts_steps() {
    let (mut model, set) = line();
    let trainer = Trainer::<Line, 1>::new(Mse::default(), Sgd::new(1.0)).epochs(3).accumulate(2).quiet();
    let history = trainer.schedule(|step: u64| 0.125 * step as f64).fit(&mut model, &set, None).unwrap();
    // Five batches are three steps.
    let rates: Vec<f64> = history.epochs.iter().map(|epoch| epoch.learning_rate).collect();
    assert_eq!(rates, [0.25, 0.625, 1.0]);
}

#[test]
fn the_average_is_what_is_validated_and_what_remains() {
    let (training, validation) = clouds(200, 1).split(0.8, 2);
    let mut model = Classifier::new(3);
    let history = trainer().average(0.9).fit(&mut model, &training, Some(&validation)).unwrap();

    // The same by hand.
    let mut twin = Classifier::new(3);
    let mut memory = Training::<Classifier, UpTo<32>>::new(0);
    memory.set_random(Random::new(5).fork(u64::MAX));
    let mut optimizer = Adam::new(1e-2).build::<Classifier>();
    let mut average = MovingAverage::<Classifier>::new(0.9);
    let mut batches = training.batches::<32>(5);
    let loss = CrossEntropy::default();
    for epoch in 1..=8 {
        batches.start_epoch(epoch);
        while let Some(batch) = batches.next_batch() {
            memory.step(&mut twin, &mut optimizer, &loss, batch.inputs, batch.targets).unwrap();
            average.update(&twin);
        }
        let evaluation = average.model().evaluate(&validation, &loss, ()).unwrap();
        assert_eq!(history.epochs[epoch as usize - 1].validation, Some(evaluation));
    }
    assert_eq!(bits(&*model), bits(average.model()));
    assert_ne!(bits(&*model), bits(&*twin));
}

#[test]
fn an_average_of_no_steps_is_the_model() {
    let mut model = Classifier::new(3);
    trainer().epochs(0).average(0.9).fit(&mut model, &clouds(9, 1), None).unwrap();
    assert_eq!(bits(&*model), bits(&*Classifier::new(3)));
}

#[test]
fn an_average_that_makes_no_sense_is_refused() {
    let fit = |decay| trainer().average(decay).fit(&mut Classifier::new(3), &clouds(9, 1), None);
    for decay in [1.0, -0.1, f64::NAN] {
        assert!(matches!(fit(decay).unwrap_err(), TrainError::Average { .. }));
    }
    assert_eq!(
        fit(1.5).unwrap_err().to_string(),
        "the moving average of the weights keeps the part 1.5 of itself; it must be from 0 to below 1"
    );
}
