//! Which classes are taken for which.
//!
//! All is compiled where it is used (`#[inline]`), as most programs don't.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::{Metric, Score};
use crate::element::Float;

/// `counts[actual][predicted]`: how many samples of the class `actual` were taken for the class `predicted`.
///
/// For class indices. Outputs `(.., classes)` with one target for each row; the first of the largest outputs is the
/// prediction. It shows itself as a table with each class's
/// recall and precision in percent, and the accuracy in the corner.
///
/// ```
/// use nanotorch::train::{ConfusionMatrix, Metric};
/// let mut confusion = ConfusionMatrix::with_names(["cat", "dog"]);
/// confusion.update(3, &[0.9, 0.1, 0.2, 0.8, 0.6, 0.4], &[0_u32, 1, 1]);
/// assert_eq!(confusion.count(1, 0), 1);
/// let table = "
///              predicted, in columns
///    actual     cat   dog  recall %
///       cat       1     .     100.0
///       dog       1     1      50.0
/// precision    50.0 100.0      66.7
/// ";
/// assert_eq!(confusion.to_string(), table[1..]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    counts: Vec<u64>,
    classes: usize,
}

impl ConfusionMatrix {
    /// Over no samples yet; the classes are called by their numbers. The first update says how many there are.
    pub const fn new() -> Self {
        ConfusionMatrix { names: Vec::new(), counts: Vec::new(), classes: 0 }
    }

    /// As [`ConfusionMatrix::new`], with a name for each class.
    pub fn with_names<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        ConfusionMatrix { names: names.into_iter().map(Into::into).collect(), ..Self::new() }
    }

    /// How many classes there are.
    #[inline]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many samples of the class `actual` were taken for the class `predicted`; 0 for a class that there isn't.
    #[inline]
    pub fn count(&self, actual: usize, predicted: usize) -> u64 {
        if predicted < self.classes {
            self.counts.get(actual * self.classes + predicted).copied().unwrap_or(0)
        } else {
            0
        }
    }

    /// The number of samples.
    #[inline]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of samples that were taken for what they are; NaN of no samples.
    #[inline]
    pub fn accuracy(&self) -> f64 {
        (0..self.classes).map(|class| self.count(class, class)).sum::<u64>() as f64 / self.total() as f64
    }

    /// The share of samples of the class `class` that were taken for it; NaN if there are none.
    #[inline]
    pub fn recall(&self, class: usize) -> f64 {
        let actual: u64 = (0..self.classes).map(|predicted| self.count(class, predicted)).sum();
        self.count(class, class) as f64 / actual as f64
    }

    /// The share of samples taken for the class `class` that are of it; NaN if there are none.
    #[inline]
    pub fn precision(&self, class: usize) -> f64 {
        let predicted: u64 = (0..self.classes).map(|actual| self.count(actual, class)).sum();
        self.count(class, class) as f64 / predicted as f64
    }

    /// `2 TP / (2 TP + FP + FN)`, averaged over the classes that are there or were predicted.
    #[inline]
    pub fn f1(&self) -> f64 {
        let each = (0..self.classes).filter_map(|class| {
            let both: u64 =
                (0..self.classes).map(|other| self.count(class, other) + self.count(other, class)).sum();
            (both > 0).then(|| 2.0 * self.count(class, class) as f64 / both as f64)
        });
        let (sum, classes) = each.fold((0.0, 0.0), |(sum, classes), value| (sum + value, classes + 1.0));
        sum / classes
    }

    #[inline]
    fn name(&self, class: usize) -> String {
        self.names.get(class).cloned().unwrap_or_else(|| class.to_string())
    }
}

/// The first of the largest numbers.
fn largest<T: Float>(numbers: &[T]) -> usize {
    let mut best = 0;
    for (index, &number) in numbers.iter().enumerate() {
        if number > numbers[best] || numbers[best].is_nan() {
            best = index;
        }
    }
    best
}

impl<T: Float> Metric<T, u32> for ConfusionMatrix {
    fn update(&mut self, _: usize, outputs: &[T], targets: &[u32]) {
        if targets.is_empty() || outputs.len() < targets.len() {
            return;
        }
        let classes = outputs.len() / targets.len();
        if classes != self.classes {
            self.classes = classes;
            self.counts = vec![0; classes * classes];
        }
        for (outputs, &target) in outputs.chunks_exact(classes).zip(targets) {
            if (target as usize) < classes {
                self.counts[target as usize * classes + largest(outputs)] += 1;
            }
        }
    }

    fn reset(&mut self) {
        self.counts.fill(0);
    }

    fn report(&self, see: &mut dyn FnMut(Score)) {
        see(Score::fraction("f1", self.f1()));
    }
}

impl fmt::Display for ConfusionMatrix {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = (0..self.classes).map(|class| self.name(class)).collect();
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let margin = longest.max("precision".len());
        let largest = self.counts.iter().max().copied().unwrap_or(0);
        // Wide enough for a name, a count and `100.0`.
        let width = longest.max(largest.to_string().len()).max(5) + 1;
        writeln!(formatter, "{:margin$}    predicted, in columns", "")?;
        write!(formatter, "{:>margin$}  ", "actual")?;
        for name in &names {
            write!(formatter, "{name:>width$}")?;
        }
        writeln!(formatter, "  recall %")?;
        for (actual, name) in names.iter().enumerate() {
            write!(formatter, "{name:>margin$}  ")?;
            for predicted in 0..self.classes {
                match self.count(actual, predicted) {
                    // Zeros would hide the mistakes.
                    0 => write!(formatter, "{:>width$}", ".")?,
                    count => write!(formatter, "{count:>width$}")?,
                }
            }
            writeln!(formatter, "  {:>8}", Percent(self.recall(actual)))?;
        }
        write!(formatter, "{:>margin$}  ", "precision")?;
        for class in 0..self.classes {
            write!(formatter, "{:>width$}", Percent(self.precision(class)))?;
        }
        writeln!(formatter, "  {:>8}", Percent(self.accuracy()))
    }
}

/// A fraction in percent, a dash where there is none.
struct Percent(f64);

impl fmt::Display for Percent {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() {
            formatter.pad("-")
        } else {
            formatter.pad(&alloc::format!("{:.1}", 100.0 * self.0))
        }
    }
}
