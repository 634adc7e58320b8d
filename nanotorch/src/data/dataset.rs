//! Samples of one shape in memory, with their targets.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use super::{Batch, Batches, DataError};
use crate::random::Random;
use crate::shape::Shape;

/// `len` samples `x` of shape `S`, each with its targets `y`.
///
/// For classification `Y` is `u32` and a sample has one target, its class. For regression `Y` is a floating-point type, and a
/// sample has as many as the model has outputs. Samples and targets lie in memory one after the other, row-major.
///
/// ```
/// use nanotorch::data::{DataError, Dataset};
/// use nanotorch::shape::R2;
///
/// let images: Dataset<R2<2, 2>> = Dataset::new(vec![0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2, 1.3], vec![3, 5])?;
/// assert_eq!(images.len(), 2);
/// assert_eq!(images.get(1), Some((&[1.0, 1.1, 1.2, 1.3][..], &[5][..])));
/// # Ok::<(), DataError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Dataset<S, Y = u32, T = f32> {
    inputs: Vec<T>,
    targets: Vec<Y>,
    targets_per_sample: usize,
    len: usize,
    shape: PhantomData<S>,
}

impl<S: Shape, Y, T> Dataset<S, Y, T> {
    /// Samples one after the other, with one target each.
    ///
    /// ```
    /// use nanotorch::data::Dataset;
    /// use nanotorch::shape::R1;
    ///
    /// let error = Dataset::<R1<3>>::new(vec![0.0; 6], vec![0, 1, 0]).unwrap_err();
    /// assert_eq!(error.to_string(), "2 samples, but targets for 3: do the files belong together?");
    /// ```
    ///
    /// # Errors
    /// If the numbers are not whole samples, or not as many samples as targets.
    pub fn new(inputs: Vec<T>, targets: Vec<Y>) -> Result<Self, DataError> {
        Self::with_targets(inputs, targets, 1)
    }

    /// Samples one after the other, with `targets_per_sample` targets each.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let pendulum: Dataset<R1<1>, f32> = Dataset::with_targets(vec![0.0, 0.5], vec![0.0, 1.0, 0.5, 0.9], 2)?;
    /// assert_eq!(pendulum.get(1), Some((&[0.5][..], &[0.5, 0.9][..])));
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// # Errors
    /// If either are not whole samples, or not both of as many.
    pub fn with_targets(
        inputs: Vec<T>,
        targets: Vec<Y>,
        targets_per_sample: usize,
    ) -> Result<Self, DataError> {
        const { assert!(S::LEN > 0, "a sample has at least one value, but an axis of the shape is 0") };
        match count(inputs.len(), S::LEN, targets.len(), targets_per_sample) {
            Ok(len) => Ok(Self { inputs, targets, targets_per_sample, len, shape: PhantomData }),
            Err(error) => Err(error),
        }
    }

    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All samples, one after the other: `len x S::LEN` values.
    #[must_use]
    pub fn inputs(&self) -> &[T] {
        &self.inputs
    }

    /// All samples, to be changed in place.
    #[must_use]
    pub fn inputs_mut(&mut self) -> &mut [T] {
        &mut self.inputs
    }

    /// All targets, one after the other: `len x targets_per_sample` values.
    #[must_use]
    pub fn targets(&self) -> &[Y] {
        &self.targets
    }

    /// How many targets a sample has.
    #[must_use]
    pub fn targets_per_sample(&self) -> usize {
        self.targets_per_sample
    }

    /// The sample `row` and its targets, if there is one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<(&[T], &[Y])> {
        let batch = self.batch(row, 1)?;
        Some((batch.inputs, batch.targets))
    }

    /// Every sample with its targets, in order.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let dataset: Dataset<R1<2>> = Dataset::from_rows([[1.0, 2.0], [3.0, 4.0]], [0, 1])?;
    /// let sums: Vec<f32> = dataset.iter().map(|(input, _)| input.iter().sum()).collect();
    /// assert_eq!(sums, [3.0, 7.0]);
    /// # Ok::<(), DataError>(())
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[T], &[Y])> {
        let per_sample = self.targets_per_sample;
        let targets = (0..self.len).map(move |row| &self.targets[row * per_sample..(row + 1) * per_sample]);
        self.inputs.chunks_exact(S::LEN).zip(targets)
    }

    /// The samples in their own order, at most `size` at a time and the rest at the end: for evaluation. Nothing is copied.
    ///
    /// A `size` of 0 counts as 1.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let dataset: Dataset<R1<1>> = Dataset::new(vec![0.0; 5], vec![0; 5])?;
    /// let lengths: Vec<usize> = dataset.chunks(2).map(|batch| batch.len).collect();
    /// assert_eq!(lengths, [2, 2, 1]);
    /// # Ok::<(), DataError>(())
    /// ```
    pub fn chunks(&self, size: usize) -> impl Iterator<Item = Batch<'_, Y, T>> {
        let (size, mut start) = (size.max(1), 0);
        core::iter::from_fn(move || {
            let batch = self.batch(start, size.min(self.len - start))?;
            start += batch.len;
            Some(batch)
        })
    }

    /// The samples from `start` on, if there are as many and not none.
    fn batch(&self, start: usize, len: usize) -> Option<Batch<'_, Y, T>> {
        if start >= self.len || len == 0 || len > self.len - start {
            return None;
        }
        let each = self.targets_per_sample;
        let (inputs, targets) = (&self.inputs[start * S::LEN..], &self.targets[start * each..]);
        Some(Batch { inputs: &inputs[..len * S::LEN], targets: &targets[..len * each], len })
    }
}

impl<S: Shape, Y: Copy, T: Copy> Dataset<S, Y, T> {
    /// Samples from rows of `S::LEN` values (arrays, slices, vectors), with one target each.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let and: Dataset<R1<2>> = Dataset::from_rows([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 0, 0, 1])?;
    /// assert_eq!(and.len(), 4);
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// # Errors
    /// If a row has another length (the error says which), or there are not as many rows as targets.
    pub fn from_rows<R: AsRef<[T]>>(
        rows: impl IntoIterator<Item = R>,
        targets: impl IntoIterator<Item = Y>,
    ) -> Result<Self, DataError> {
        let mut inputs = Vec::new();
        for (row, values) in rows.into_iter().enumerate() {
            append::<S, T>(&mut inputs, row, values.as_ref())?;
        }
        Self::new(inputs, targets.into_iter().collect())
    }

    /// Samples from pairs of a row of `S::LEN` values and a row of targets.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let circle: Dataset<R1<1>, f32> =
    ///     Dataset::from_pairs([0.0_f32, 0.1, 0.2].map(|angle| ([angle], [angle.cos(), angle.sin()])))?;
    /// assert_eq!(circle.targets_per_sample(), 2);
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// # Errors
    /// If a row has another length, or other numbers of targets than the first (the error says which).
    pub fn from_pairs<R: AsRef<[T]>, Q: AsRef<[Y]>>(
        pairs: impl IntoIterator<Item = (R, Q)>,
    ) -> Result<Self, DataError> {
        let (mut inputs, mut targets, mut per_sample) = (Vec::new(), Vec::new(), None);
        for (row, (values, goals)) in pairs.into_iter().enumerate() {
            append::<S, T>(&mut inputs, row, values.as_ref())?;
            let (expected, found) = (*per_sample.get_or_insert(goals.as_ref().len()), goals.as_ref().len());
            if found != expected {
                return Err(DataError::TargetLength { row, expected, found });
            }
            targets.extend_from_slice(goals.as_ref());
        }
        Self::with_targets(inputs, targets, per_sample.unwrap_or(1))
    }

    /// Two data sets without a sample in common: the nearest number of samples to `fraction`, and the others.
    ///
    /// Which sample goes where depends on the seed and the number of samples alone. `fraction` is taken to be within 0 and 1.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let dataset: Dataset<R1<1>> = Dataset::new(vec![0.0; 10], (0..10).collect())?;
    /// let (train, test) = dataset.split(0.8, 42);
    /// assert_eq!((train.len(), test.len()), (8, 2));
    /// # Ok::<(), DataError>(())
    /// ```
    #[must_use]
    pub fn split(&self, fraction: f64, seed: u64) -> (Self, Self) {
        let mut order: Vec<usize> = (0..self.len).collect();
        Random::new(seed).shuffle(&mut order);
        let (first, second) =
            order.split_at(libm::round(self.len as f64 * fraction.clamp(0.0, 1.0)) as usize);
        (self.select(first), self.select(second))
    }

    /// The samples in a random order, the same for the same seed.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let dataset: Dataset<R1<1>> = Dataset::new(vec![0.0; 100], (0..100).collect())?;
    /// assert_ne!(dataset.shuffled(1).targets(), dataset.targets());
    /// # Ok::<(), DataError>(())
    /// ```
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Self {
        self.split(1.0, seed).0
    }

    /// Mini-batches of up to `B` samples, shuffled anew in every epoch: see [`Batches`].
    #[must_use]
    pub fn batches<const B: usize>(&self, seed: u64) -> Batches<'_, B, S, Y, T> {
        Batches::new(self, seed)
    }

    fn select(&self, rows: &[usize]) -> Self {
        let mut inputs = Vec::with_capacity(rows.len() * S::LEN);
        let mut targets = Vec::with_capacity(rows.len() * self.targets_per_sample);
        for (input, target) in rows.iter().filter_map(|&row| self.get(row)) {
            inputs.extend_from_slice(input);
            targets.extend_from_slice(target);
        }
        Self { inputs, targets, len: rows.len(), ..*self }
    }
}

impl<S: Shape, Y: Clone, T> Dataset<S, Y, T> {
    /// Other samples, as many, for the same targets.
    pub(super) fn with_inputs<R: Shape>(&self, inputs: Vec<T>) -> Dataset<R, Y, T> {
        let (targets, targets_per_sample, len) = (self.targets.clone(), self.targets_per_sample, self.len);
        Dataset { inputs, targets, targets_per_sample, len, shape: PhantomData }
    }
}

impl<S: Shape, T> Dataset<S, u32, T> {
    /// Checks that every label is the number of a class.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let dataset: Dataset<R1<1>> = Dataset::new(vec![0.5, 0.7], vec![1, 3])?;
    /// assert!(dataset.check_labels(4).is_ok());
    /// let error = dataset.check_labels(3).unwrap_err().to_string();
    /// assert_eq!(error, "sample 1 has the label 3, but with 3 classes labels are the whole numbers from 0 to 2");
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// # Errors
    /// If a label is not below `classes`: the first such sample.
    pub fn check_labels(&self, classes: usize) -> Result<(), DataError> {
        match self.targets.iter().position(|&label| label as usize >= classes) {
            Some(at) => {
                let (row, label) = (at / self.targets_per_sample, self.targets[at].into());
                Err(DataError::LabelOutOfRange { row, label, classes })
            }
            None => Ok(()),
        }
    }
}

/// The shape and the size; the values of a data set are too many to print.
impl<S: Shape, Y, T> fmt::Debug for Dataset<S, Y, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, targets) = (self.len, self.targets_per_sample);
        write!(f, "Dataset {{ {len} samples of shape {:?}, {targets} targets each }}", S::dims().as_slice())
    }
}

/// How many samples of so many values there are, and of targets.
fn count(
    values: usize,
    per_sample: usize,
    targets: usize,
    targets_per_sample: usize,
) -> Result<usize, DataError> {
    if !values.is_multiple_of(per_sample) {
        return Err(DataError::NotWholeSamples { values, per_sample });
    }
    if !targets.is_multiple_of(targets_per_sample) {
        return Err(DataError::NotWholeSamples { values: targets, per_sample: targets_per_sample });
    }
    let samples = values / per_sample;
    if targets != samples * targets_per_sample {
        return Err(DataError::CountMismatch { samples, targets: targets / targets_per_sample });
    }
    Ok(samples)
}

fn append<S: Shape, T: Copy>(inputs: &mut Vec<T>, row: usize, values: &[T]) -> Result<(), DataError> {
    if values.len() != S::LEN {
        return Err(DataError::RowLength { row, shape: S::dims().to_vec(), found: values.len() });
    }
    inputs.extend_from_slice(values);
    Ok(())
}
