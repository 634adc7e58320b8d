//! Metrics of classification, and what a metric is.

use crate::element::Float;
use crate::message::Text;

use super::Score;

/// Something that is measured over the samples of an epoch or a data set, batch by batch.
///
/// A metric is a small value; several of them are a tuple, which is a metric too, and so is `&mut` of one, to read it
/// afterwards. An update allocates nothing (the confusion matrix and R² take memory at the first one).
///
/// ```
/// use nanotorch::train::{Metric, Score};
///
/// /// The share of samples that the model is sure of.
/// #[derive(Default)]
/// struct Sure {
///     sure: u64,
///     samples: u64,
/// }
/// impl<Y> Metric<f32, Y> for Sure {
///     fn update(&mut self, rows: usize, outputs: &[f32], _: &[Y]) {
///         let width = outputs.len() / rows;
///         self.sure += outputs.chunks(width).filter(|row| row.iter().any(|&y| y > 0.9)).count() as u64;
///         self.samples += rows as u64;
///     }
///     fn reset(&mut self) {
///         *self = Sure::default();
///     }
///     fn report(&self, see: &mut dyn FnMut(Score)) {
///         see(Score::fraction("sure", self.sure as f64 / self.samples as f64));
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` measures no outputs of `{T}` against targets of `{Y}`",
    note = "accuracies and the confusion matrix are for classes, which are `u32`; `MeanAbsoluteError` and `RSquared` are for numbers",
    note = "a metric of your own implements `Metric`"
)]
pub trait Metric<T, Y> {
    /// Takes in `rows` samples, at least one: the model's outputs for them and their targets.
    fn update(&mut self, rows: usize, outputs: &[T], targets: &[Y]);
    /// Forgets all samples.
    fn reset(&mut self);
    /// Shows the scores over all samples since the last [`reset`](Metric::reset).
    fn report(&self, see: &mut dyn FnMut(Score));
}

impl<T, Y, N: Metric<T, Y> + ?Sized> Metric<T, Y> for &mut N {
    fn update(&mut self, rows: usize, outputs: &[T], targets: &[Y]) {
        (**self).update(rows, outputs, targets);
    }
    fn reset(&mut self) {
        (**self).reset();
    }
    fn report(&self, see: &mut dyn FnMut(Score)) {
        (**self).report(see);
    }
}

macro_rules! metric_of_tuple {
    ($($Part:ident $index:tt),*) => {
        impl<T, Y, $($Part: Metric<T, Y>),*> Metric<T, Y> for ($($Part,)*) {
            fn update(&mut self, rows: usize, outputs: &[T], targets: &[Y]) {
                let _ = (rows, outputs, targets);
                $(self.$index.update(rows, outputs, targets);)*
            }
            fn reset(&mut self) {
                $(self.$index.reset();)*
            }
            fn report(&self, see: &mut dyn FnMut(Score)) {
                let _ = &see;
                $(self.$index.report(see);)*
            }
        }
    };
}
metric_of_tuple!();
metric_of_tuple!(A 0);
metric_of_tuple!(A 0, B 1);
metric_of_tuple!(A 0, B 1, C 2);
metric_of_tuple!(A 0, B 1, C 2, D 3);
metric_of_tuple!(A 0, B 1, C 2, D 3, E 4);
metric_of_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

/// How often something was right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    right: u64,
    all: u64,
}

impl Share {
    fn value(self) -> f64 {
        self.right as f64 / self.all as f64
    }
}

/// How many classes are before the class `target` when they are ordered by output, largest first; of equal ones the first
/// counts as larger, and NaN as larger than everything, so that it is never a success.
fn place<T: Float>(outputs: &[T], target: usize) -> usize {
    let Some(&own) = outputs.get(target) else { return outputs.len() };
    if own.is_nan() {
        return outputs.len();
    }
    let mut before = 0;
    for (class, &output) in outputs.iter().enumerate() {
        let ahead = output > own || output.is_nan() || output == own && class < target;
        before += usize::from(ahead);
    }
    before
}

/// Counts the targets whose class is among the `first` largest outputs.
#[inline(always)]
fn count<T: Float>(share: &mut Share, outputs: &[T], targets: &[u32], first: usize) {
    if const { T::IS_F32 } {
        count_f32(share, T::f32s(outputs), targets, first);
    } else {
        count_all(share, outputs, targets, first);
    }
}

#[inline(never)]
fn count_f32(share: &mut Share, outputs: &[f32], targets: &[u32], first: usize) {
    count_all(share, outputs, targets, first);
}

fn count_all<T: Float>(share: &mut Share, outputs: &[T], targets: &[u32], first: usize) {
    if targets.is_empty() || outputs.len() < targets.len() {
        return;
    }
    let classes = outputs.len() / targets.len();
    for (outputs, &target) in outputs.chunks_exact(classes).zip(targets) {
        share.right += u64::from(place(outputs, target as usize) < first);
    }
    share.all += targets.len() as u64;
}

/// `accuracy = (targets whose class has the largest output) / (targets)`.
///
/// For class indices. Outputs `(.., classes)` with one target for each row; of equal outputs the first counts as the largest.
///
/// ```
/// use nanotorch::train::{Accuracy, Metric};
/// let mut accuracy = Accuracy::new();
/// accuracy.update(2, &[0.1, 0.7, 0.2, 0.5, 0.3, 0.2], &[1_u32, 2]);
/// assert_eq!(accuracy.value(), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy(Share);

impl Accuracy {
    /// Over no samples yet.
    pub const fn new() -> Self {
        Accuracy(Share { right: 0, all: 0 })
    }

    /// The accuracy, from 0 to 1; NaN of no samples.
    pub fn value(&self) -> f64 {
        self.0.value()
    }
}

impl<T: Float> Metric<T, u32> for Accuracy {
    fn update(&mut self, _: usize, outputs: &[T], targets: &[u32]) {
        count(&mut self.0, outputs, targets, 1);
    }
    fn reset(&mut self) {
        *self = Self::new();
    }
    fn report(&self, see: &mut dyn FnMut(Score)) {
        see(Score::fraction("accuracy", self.value()));
    }
}

/// `top-K accuracy = (targets whose class is among the K largest outputs) / (targets)`.
///
/// As [`Accuracy`], which is that of `K = 1`.
///
/// ```
/// use nanotorch::train::{Metric, TopK};
/// let mut top = TopK::<2>::new();
/// top.update(2, &[0.1, 0.7, 0.2, 0.5, 0.3, 0.2], &[2_u32, 2]);
/// assert_eq!(top.value(), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopK<const K: usize>(Share);

impl<const K: usize> TopK<K> {
    const NAME: &'static Text = &Text::new("top-").number(K);

    /// Over no samples yet.
    pub const fn new() -> Self {
        TopK(Share { right: 0, all: 0 })
    }

    /// The accuracy, from 0 to 1; NaN of no samples.
    pub fn value(&self) -> f64 {
        self.0.value()
    }
}

impl<T: Float, const K: usize> Metric<T, u32> for TopK<K> {
    fn update(&mut self, _: usize, outputs: &[T], targets: &[u32]) {
        count(&mut self.0, outputs, targets, K);
    }
    fn reset(&mut self) {
        *self = Self::new();
    }
    fn report(&self, see: &mut dyn FnMut(Score)) {
        see(Score::fraction(Self::NAME.as_str(), self.value()));
    }
}

/// `accuracy = (numbers on their target's side of the threshold) / (numbers)`.
///
/// For targets 0 and 1 (what is above one half is 1), and one output for each. An output above the threshold says 1: 0 for
/// logits, one half for probabilities.
///
/// ```
/// use nanotorch::train::{BinaryAccuracy, Metric};
/// let mut accuracy = BinaryAccuracy::of_logits();
/// accuracy.update(4, &[2.0, -1.0, 0.5, -3.0], &[1.0, 0.0, 0.0, 0.0]);
/// assert_eq!(accuracy.value(), 0.75);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinaryAccuracy {
    threshold: f64,
    share: Share,
}

impl BinaryAccuracy {
    /// For outputs that are logits: above 0 is 1.
    pub const fn of_logits() -> Self {
        BinaryAccuracy { threshold: 0.0, share: Share { right: 0, all: 0 } }
    }

    /// For outputs that are probabilities: above one half is 1.
    pub const fn of_probabilities() -> Self {
        BinaryAccuracy { threshold: 0.5, share: Share { right: 0, all: 0 } }
    }

    /// The accuracy, from 0 to 1; NaN of no samples.
    pub fn value(&self) -> f64 {
        self.share.value()
    }
}

impl<T: Float> Metric<T, T> for BinaryAccuracy {
    fn update(&mut self, _: usize, outputs: &[T], targets: &[T]) {
        for (output, target) in outputs.iter().zip(targets) {
            let same = (output.to_f64() > self.threshold) == (target.to_f64() > 0.5);
            self.share.right += u64::from(same && !output.is_nan());
            self.share.all += 1;
        }
    }
    fn reset(&mut self) {
        self.share = Share::default();
    }
    fn report(&self, see: &mut dyn FnMut(Score)) {
        see(Score::fraction("accuracy", self.value()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_and_ties_are_no_success() {
        let mut accuracy = Accuracy::new();
        accuracy.update(3, &[f32::NAN, 1.0, 1.0, f32::NAN, 1.0, 1.0], &[0, 1, 1]);
        assert_eq!(accuracy.value(), 0.0);
        assert_eq!((place(&[3.0, 3.0, 3.0], 0), place(&[3.0, 3.0, 3.0], 2)), (0, 2));
        assert_eq!(place(&[1.0, 2.0], 7), 2);
    }

    #[test]
    fn a_tuple_reports_each_part() {
        let mut both = (Accuracy::new(), TopK::<3>::new());
        let mut names = Vec::new();
        Metric::<f32, u32>::update(&mut both, 1, &[1.0, 2.0, 3.0, 4.0], &[1]);
        Metric::<f32, u32>::report(&both, &mut |score| names.push(score.name));
        assert_eq!(names, ["accuracy", "top-3"]);
        assert_eq!(both.1.value(), 1.0);
    }
}
