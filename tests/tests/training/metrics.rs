//! Metrics against naive twins that see all samples at once, however the samples are cut into batches.

use nanotorch::train::{
    Accuracy, BinaryAccuracy, ConfusionMatrix, MeanAbsoluteError, MeanSquaredError, Metric, RSquared, Score,
    TopK,
};
use proptest::prelude::*;

/// Feeds a metric `rows` samples, `batch` at a time.
fn feed<Y>(metric: &mut impl Metric<f32, Y>, rows: usize, batch: usize, outputs: &[f32], targets: &[Y]) {
    let (width, per_sample) = (outputs.len() / rows, targets.len() / rows);
    for (outputs, targets) in outputs.chunks(batch * width).zip(targets.chunks(batch * per_sample)) {
        metric.update(outputs.len() / width, outputs, targets);
    }
}

/// Classes by output, largest first; of equal ones the first comes first.
fn ranking(outputs: &[f32]) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..outputs.len()).collect();
    classes.sort_by(|&a, &b| outputs[b].total_cmp(&outputs[a]));
    classes
}

/// Outputs with many ties, and classes.
fn classified() -> impl Strategy<Value = (usize, Vec<f32>, Vec<u32>)> {
    (1_usize..8, 1_usize..40).prop_flat_map(|(classes, rows)| {
        let outputs = prop::collection::vec((0_u8..5).prop_map(f32::from), rows * classes);
        (Just(classes), outputs, prop::collection::vec(0..classes as u32, rows))
    })
}

proptest! {
    #[test]
    fn accuracies_and_confusion((classes, outputs, targets) in classified(), batch in 1_usize..10) {
        let rows = targets.len();
        let rankings: Vec<_> = outputs.chunks(classes).map(ranking).collect();
        let share = |first: usize| {
            let among = |(ranking, &target): (&Vec<usize>, &u32)| ranking.iter().take(first).any(|&it| it == target as usize);
            rankings.iter().zip(&targets).filter(|&pair| among(pair)).count() as f64 / rows as f64
        };
        let mut all = (Accuracy::new(), TopK::<2>::new(), ConfusionMatrix::new());
        feed(&mut all, rows, batch, &outputs, &targets);
        prop_assert_eq!((all.0.value(), all.1.value(), all.2.accuracy()), (share(1), share(2), share(1)));
        for actual in 0..classes {
            for predicted in 0..classes {
                let there = |&(ranking, &target): &(&Vec<usize>, &u32)| ranking[0] == predicted && target as usize == actual;
                let expected = rankings.iter().zip(&targets).filter(there).count() as u64;
                prop_assert_eq!(all.2.count(actual, predicted), expected);
            }
        }
        Metric::<f32, u32>::reset(&mut all);
        prop_assert_eq!((all.0, all.2.total()), (Accuracy::new(), 0));
    }

    #[test]
    fn errors_and_r_squared(
        width in 1_usize..4,
        numbers in prop::collection::vec((-9_i8..9, -9_i8..9), 1..60),
        batch in 1_usize..10,
    ) {
        let rows = numbers.len() / width;
        prop_assume!(rows > 0);
        let (outputs, targets): (Vec<f32>, Vec<f32>) =
            numbers[..rows * width].iter().map(|&(a, b)| (f32::from(a) + 1000.0, f32::from(b) + 1000.0)).unzip();
        let mut all = (MeanAbsoluteError::new(), MeanSquaredError::new(), RSquared::new(), BinaryAccuracy::of_logits());
        feed(&mut all, rows, batch, &outputs, &targets);

        let errors: Vec<f64> = outputs.iter().zip(&targets).map(|(a, b)| f64::from(a - b)).collect();
        let count = errors.len() as f64;
        prop_assert!((all.0.value() - errors.iter().map(|error| error.abs()).sum::<f64>() / count).abs() < 1e-9);
        prop_assert!((all.1.value() - errors.iter().map(|error| error * error).sum::<f64>() / count).abs() < 1e-9);
        let each = (0..width).map(|output| {
            let column = || targets.iter().skip(output).step_by(width).map(|&it| f64::from(it));
            let mean = column().sum::<f64>() / rows as f64;
            let spread: f64 = column().map(|it| (it - mean) * (it - mean)).sum();
            let error: f64 = errors.iter().skip(output).step_by(width).map(|it| it * it).sum();
            if spread > 1e-9 { 1.0 - error / spread } else { f64::from(u8::from(error == 0.0)) }
        });
        let expected = each.sum::<f64>() / width as f64;
        prop_assert!((all.2.value() - expected).abs() < 1e-6, "{} {expected}", all.2.value());
        // All outputs and targets are far above the threshold.
        prop_assert_eq!(all.3.value(), 1.0);
    }
}

#[test]
fn scores_show_themselves_and_know_what_is_better() {
    assert_eq!(Score::fraction("accuracy", 0.98765).to_string(), "accuracy 98.8 %");
    assert_eq!(Score::error("mae", 0.0).to_string(), "mae 0.0000");
    assert_eq!(Score::error("mae", 1.5e-5).to_string(), "mae 1.50e-5");
    assert!(Score::error("loss", 0.5).is_better(0.6, 0.05) && !Score::error("loss", 0.5).is_better(0.6, 0.2));
    assert!(Score::gain("r2", 0.6).is_better(0.5, 0.0) && !Score::gain("r2", 0.5).is_better(0.5, 0.0));
    assert!(
        Score::gain("r2", 0.0).is_better(f64::NAN, 0.0) && !Score::gain("r2", f64::NAN).is_better(0.0, 0.0)
    );
}
