//! Centre and spread of the features, measured once and applied everywhere.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use super::{DataError, Dataset};
use crate::element::Float;
use crate::shape::Shape;

/// `x <- (x - centre) / spread`, value by value.
///
/// It is measured on the training set and applied to that, to the test set, and to every sample that the model is ever shown:
/// it belongs to the model. A feature that never varies has a spread of 1, so it becomes 0 and nothing is divided by 0.
///
/// ```
/// use nanotorch::data::{DataError, Dataset, Normalization};
/// use nanotorch::shape::R1;
///
/// let mut train: Dataset<R1<2>> = Dataset::from_rows([[1.0, 7.0], [5.0, 7.0]], [0, 1])?;
/// let normalization = Normalization::standard(&train);
/// assert_eq!((normalization.centre(), normalization.spread()), (&[3.0, 7.0][..], &[2.0, 1.0][..]));
///
/// normalization.apply(&mut train);
/// assert_eq!(train.inputs(), [-1.0, 0.0, 1.0, 0.0]);
///
/// let mut unseen = [4.0, 8.0];
/// normalization.apply_to(&mut unseen);
/// assert_eq!(unseen, [0.5, 1.0]);
/// # Ok::<(), DataError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Normalization<S, T = f32> {
    centre: Vec<T>,
    spread: Vec<T>,
    shape: PhantomData<S>,
}

impl<S: Shape, T: Float> Normalization<S, T> {
    /// Mean 0 and variance 1 for each feature: `centre = mean`, `spread = sqrt(mean((x - mean)^2))`.
    ///
    /// Source: scikit-learn's `StandardScaler`.
    #[must_use]
    pub fn standard<Y>(train: &Dataset<S, Y, T>) -> Self {
        Self::measured(moments(train.inputs(), S::LEN).iter().map(Moments::standard))
    }

    /// Mean 0 and variance 1 over all values together: one centre and one spread, as is usual for images.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset, Normalization};
    /// use nanotorch::shape::R1;
    ///
    /// let train: Dataset<R1<2>> = Dataset::from_rows([[0.0, 4.0]], [0])?;
    /// assert_eq!(Normalization::standard_overall(&train).spread(), [2.0, 2.0]);
    /// # Ok::<(), DataError>(())
    /// ```
    #[must_use]
    pub fn standard_overall<Y>(train: &Dataset<S, Y, T>) -> Self {
        Self::measured(moments(train.inputs(), 1).iter().map(Moments::standard).cycle())
    }

    /// From 0 to 1 for each feature: `centre = min`, `spread = max - min`.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset, Normalization};
    /// use nanotorch::shape::R1;
    ///
    /// let mut train: Dataset<R1<1>> = Dataset::from_rows([[2.0], [4.0], [3.0]], [0, 1, 0])?;
    /// Normalization::unit_range(&train).apply(&mut train);
    /// assert_eq!(train.inputs(), [0.0, 1.0, 0.5]);
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// Source: scikit-learn's `MinMaxScaler`.
    #[must_use]
    pub fn unit_range<Y>(train: &Dataset<S, Y, T>) -> Self {
        let moments = moments(train.inputs(), S::LEN);
        Self::measured(moments.iter().map(|feature| (feature.low, feature.high - feature.low)))
    }

    /// Known values, such as those saved with a model: one centre and one spread for each value of a sample.
    ///
    /// ```
    /// use nanotorch::data::Normalization;
    /// use nanotorch::shape::R1;
    ///
    /// assert!(Normalization::<R1<2>>::from_parts(vec![0.0, 0.5], vec![1.0, 2.0]).is_ok());
    /// assert!(Normalization::<R1<2>>::from_parts(vec![0.0, 0.5], vec![1.0, 0.0]).is_err());
    /// ```
    ///
    /// # Errors
    /// If either has another length than a sample, a centre is not finite, or a spread is not finite and positive.
    pub fn from_parts(centre: Vec<T>, spread: Vec<T>) -> Result<Self, DataError> {
        let limits = [[-f64::MAX, f64::MAX], [f64::MIN_POSITIVE, f64::MAX]];
        for (row, (values, range)) in [&centre, &spread].into_iter().zip(limits).enumerate() {
            if values.len() != S::LEN {
                return Err(DataError::RowLength { row, shape: S::dims().to_vec(), found: values.len() });
            }
            let outside = |value: &T| !(range[0]..=range[1]).contains(&value.to_f64());
            if let Some(feature) = values.iter().position(outside) {
                return Err(DataError::ValueOutOfRange {
                    row,
                    feature,
                    value: values[feature].to_f64(),
                    range,
                });
            }
        }
        Ok(Self { centre, spread, shape: PhantomData })
    }

    /// What is subtracted, for each value of a sample.
    #[must_use]
    pub fn centre(&self) -> &[T] {
        &self.centre
    }

    /// What is then divided by, for each value of a sample.
    #[must_use]
    pub fn spread(&self) -> &[T] {
        &self.spread
    }

    /// Normalises every sample of a data set in place.
    pub fn apply<Y>(&self, dataset: &mut Dataset<S, Y, T>) {
        self.apply_to(dataset.inputs_mut());
    }

    /// Normalises one sample, or several that follow each other, in place.
    pub fn apply_to(&self, samples: &mut [T]) {
        for sample in samples.chunks_mut(S::LEN) {
            for ((value, centre), spread) in sample.iter_mut().zip(&self.centre).zip(&self.spread) {
                *value = T::from_f64((value.to_f64() - centre.to_f64()) / spread.to_f64());
            }
        }
    }

    /// Of as many pairs of centre and spread as a sample has values.
    fn measured(features: impl Iterator<Item = (f64, f64)>) -> Self {
        let features = features.take(S::LEN).map(|(centre, spread)| {
            // Asked of the rounded number, which may be 0 where the exact one is not.
            let spread = T::from_f64(spread);
            (T::from_f64(centre), if spread > T::ZERO { spread } else { T::ONE })
        });
        let (centre, spread) = features.unzip();
        Self { centre, spread, shape: PhantomData }
    }
}

impl<S: Shape, T: fmt::Debug> fmt::Debug for Normalization<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Normalization").field("centre", &self.centre).field("spread", &self.spread).finish()
    }
}

/// What is measured of a feature.
#[derive(Clone, Copy, Default)]
struct Moments {
    low: f64,
    high: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    fn standard(&self) -> (f64, f64) {
        // Asked of the values themselves: rounding in the mean would give a constant feature a tiny spread, and blow it up.
        if self.low < self.high { (self.mean, libm::sqrt(self.variance)) } else { (self.low, 0.0) }
    }
}

/// The moments of each of `features` interleaved features, in two passes: that loses no digits where the mean is large.
fn moments<T: Float>(values: &[T], features: usize) -> Vec<Moments> {
    let count = (values.len() / features).max(1) as f64;
    let first = |feature: usize| values.get(feature).map_or(0.0, |value| value.to_f64());
    let mut moments: Vec<Moments> = (0..features)
        .map(|feature| Moments { low: first(feature), high: first(feature), ..Moments::default() })
        .collect();
    for sample in values.chunks_exact(features) {
        for (feature, value) in moments.iter_mut().zip(sample) {
            feature.low = feature.low.min(value.to_f64());
            feature.high = feature.high.max(value.to_f64());
            feature.mean += value.to_f64();
        }
    }
    for feature in &mut moments {
        feature.mean /= count;
    }
    for sample in values.chunks_exact(features) {
        for (feature, value) in moments.iter_mut().zip(sample) {
            let centred = value.to_f64() - feature.mean;
            feature.variance += centred * centred / count;
        }
    }
    moments
}
