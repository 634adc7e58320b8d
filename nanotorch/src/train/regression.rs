//! Metrics of regression.

use alloc::vec::Vec;

use super::{Metric, Score};
use crate::element::Float;

/// A mean of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Mean {
    sum: f64,
    count: u64,
}

impl Mean {
    fn take<T: Float>(&mut self, outputs: &[T], targets: &[T], error: impl Fn(f64) -> f64) {
        for (output, target) in outputs.iter().zip(targets) {
            self.sum += error(output.to_f64() - target.to_f64());
            self.count += 1;
        }
    }

    fn value(self) -> f64 {
        self.sum / self.count as f64
    }
}

/// `mae = sum of |output - target| / n`, over all numbers of all samples.
///
/// ```
/// use nanotorch::train::{MeanAbsoluteError, Metric};
/// let mut error = MeanAbsoluteError::new();
/// error.update(2, &[1.0, 3.0], &[0.0, 5.0]);
/// assert_eq!(error.value(), 1.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanAbsoluteError(Mean);

/// `mse = sum of (output - target)² / n`, over all numbers of all samples.
///
/// ```
/// use nanotorch::train::{MeanSquaredError, Metric};
/// let mut error = MeanSquaredError::new();
/// error.update(2, &[1.0, 3.0], &[0.0, 5.0]);
/// assert_eq!(error.value(), 2.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanSquaredError(Mean);

macro_rules! mean_error {
    ($Error:ident, $name:literal, $error:expr) => {
        impl $Error {
            /// Over no samples yet.
            pub const fn new() -> Self {
                $Error(Mean { sum: 0.0, count: 0 })
            }

            /// The mean; NaN of no samples.
            pub fn value(&self) -> f64 {
                self.0.value()
            }
        }

        impl<T: Float> Metric<T, T> for $Error {
            fn update(&mut self, _: usize, outputs: &[T], targets: &[T]) {
                self.0.take(outputs, targets, $error);
            }
            fn reset(&mut self) {
                *self = Self::new();
            }
            fn report(&self, see: &mut dyn FnMut(Score)) {
                see(Score::error($name, self.value()));
            }
        }
    };
}
mean_error!(MeanAbsoluteError, "mae", f64::abs);
mean_error!(MeanSquaredError, "mse", |error| error * error);

/// `R² = 1 - sum of (target - output)² / sum of (target - mean target)²`, averaged over the outputs of a sample.
///
/// 1 is perfect, 0 no better than the mean of the targets. An output whose targets are all equal counts as 1 if it is
/// perfect and as 0 otherwise.
///
/// ```
/// use nanotorch::train::{Metric, RSquared};
/// let mut r_squared = RSquared::new();
/// r_squared.update(3, &[1.0, 2.0, 4.0], &[1.0, 2.0, 3.0]);
/// assert_eq!(r_squared.value(), 0.5);
/// ```
///
/// Source: scikit-learn's `r2_score`; the spread is summed up as by B. P. Welford, *Note on a method for calculating
/// corrected sums of squares and products* (1962).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RSquared {
    outputs: Vec<Spread>,
    count: u64,
}

/// The targets of one output so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Spread {
    mean: f64,
    spread: f64,
    error: f64,
}

impl RSquared {
    /// Over no samples yet.
    pub const fn new() -> Self {
        RSquared { outputs: Vec::new(), count: 0 }
    }

    /// R²; NaN of no samples.
    #[inline]
    pub fn value(&self) -> f64 {
        if self.count == 0 {
            return f64::NAN;
        }
        let each = self.outputs.iter().map(|output| match (output.spread, output.error) {
            (0.0, 0.0) => 1.0,
            (0.0, _) => 0.0,
            (spread, error) => 1.0 - error / spread,
        });
        each.sum::<f64>() / self.outputs.len() as f64
    }
}

impl<T: Float> Metric<T, T> for RSquared {
    fn update(&mut self, rows: usize, outputs: &[T], targets: &[T]) {
        let width = outputs.len() / rows.max(1);
        if width == 0 {
            return;
        }
        if self.outputs.len() != width {
            self.outputs.clear();
            self.outputs.resize(width, Spread::default());
            self.count = 0;
        }
        for (outputs, targets) in outputs.chunks_exact(width).zip(targets.chunks_exact(width)) {
            self.count += 1;
            for ((state, output), target) in self.outputs.iter_mut().zip(outputs).zip(targets) {
                let (output, target) = (output.to_f64(), target.to_f64());
                let before = target - state.mean;
                state.mean += before / self.count as f64;
                state.spread += before * (target - state.mean);
                state.error += (target - output) * (target - output);
            }
        }
    }

    fn reset(&mut self) {
        self.count = 0;
        self.outputs.fill(Spread::default());
    }

    fn report(&self, see: &mut dyn FnMut(Score)) {
        see(Score::gain("r2", self.value()));
    }
}
