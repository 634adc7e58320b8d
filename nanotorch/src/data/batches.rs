//! Mini-batches in a random order.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::Dataset;
use crate::random::Random;
use crate::shape::Shape;

/// Some samples and their targets, one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch<'a, Y = u32, T = f32> {
    /// The samples: `len` times the values of one.
    pub inputs: &'a [T],
    /// The targets: `len` times those of one sample.
    pub targets: &'a [Y],
    /// The number of samples.
    pub len: usize,
}

/// Mini-batches of up to `B` samples: all of a data set, once an epoch, in an order drawn from the seed and the epoch.
///
/// The last batch of an epoch holds what is left, from 1 to `B` samples. The order of an epoch doesn't depend on the epochs
/// before, so that a run can be resumed in the middle of one. Memory is taken when it is made, and never after.
///
/// ```
/// use nanotorch::data::{DataError, Dataset};
/// use nanotorch::shape::R1;
///
/// let dataset: Dataset<R1<1>> = Dataset::new(vec![0.0, 0.1, 0.2, 0.3, 0.4], vec![0, 1, 2, 3, 4])?;
/// let mut batches = dataset.batches::<2>(7);
/// for epoch in 0..10 {
///     batches.start_epoch(epoch);
///     let (mut lengths, mut seen) = (vec![], vec![]);
///     while let Some(batch) = batches.next_batch() {
///         lengths.push(batch.len);
///         seen.extend_from_slice(batch.targets);
///     }
///     seen.sort();
///     assert_eq!((&lengths[..], &seen[..]), (&[2, 2, 1][..], &[0, 1, 2, 3, 4][..]));
/// }
/// # Ok::<(), DataError>(())
/// ```
#[derive(Clone)]
pub struct Batches<'a, const B: usize, S, Y = u32, T = f32> {
    dataset: &'a Dataset<S, Y, T>,
    order: Order,
    inputs: Vec<T>,
    targets: Vec<Y>,
}

/// The order of an epoch, and how far it is: the same for all data sets.
#[derive(Clone)]
struct Order {
    random: Random,
    rows: Vec<usize>,
    given: usize,
    batch: usize,
}

impl Order {
    fn new(seed: u64, samples: usize, batch: usize) -> Self {
        Order { random: Random::new(seed), rows: vec![0; samples], given: 0, batch }
    }

    fn start(&mut self, epoch: u64) {
        for (row, index) in self.rows.iter_mut().enumerate() {
            *index = row;
        }
        self.random.fork(epoch).shuffle(&mut self.rows);
        self.given = 0;
    }

    fn skip(&mut self, batches: usize) {
        self.given = batches.saturating_mul(self.batch).saturating_add(self.given).min(self.rows.len());
    }

    /// The rows of the last batch.
    fn last(&self) -> &[usize] {
        let start = self.given.saturating_sub(1) / self.batch * self.batch;
        &self.rows[start..self.given]
    }

    /// The rows of the next one; none at the end.
    fn next(&mut self) -> &[usize] {
        let start = self.given;
        self.given = self.rows.len().min(start + self.batch);
        &self.rows[start..self.given]
    }
}

/// Copies rows of so many values, one after the other.
fn gather<T: Copy>(rows: &[usize], each: usize, from: &[T], into: &mut [T]) {
    for (place, &row) in rows.iter().enumerate() {
        into[place * each..][..each].copy_from_slice(&from[row * each..][..each]);
    }
}

impl<'a, const B: usize, S: Shape, Y: Copy, T: Copy> Batches<'a, B, S, Y, T> {
    /// The batches of a data set, at the start of epoch 0.
    #[must_use]
    pub fn new(dataset: &'a Dataset<S, Y, T>, seed: u64) -> Self {
        const { assert!(B > 0, "a batch has at least one sample") };
        let samples = B.min(dataset.len());
        let mut batches = Self {
            dataset,
            order: Order::new(seed, dataset.len(), B),
            inputs: dataset.inputs()[..samples * S::LEN].to_vec(),
            targets: dataset.targets()[..samples * dataset.targets_per_sample()].to_vec(),
        };
        batches.start_epoch(0);
        batches
    }

    /// Goes to the start of an epoch and draws its order.
    pub fn start_epoch(&mut self, epoch: u64) {
        self.order.start(epoch);
    }

    /// How many batches an epoch has, the partial one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.rows.len().div_ceil(B)
    }

    /// Whether the data set, and so every epoch, is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.rows.is_empty()
    }

    /// Leaves out the next `batches` batches, such as those that were done before a run was interrupted.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let dataset: Dataset<R1<1>> = Dataset::new(vec![0.0; 6], (0..6).collect())?;
    /// let (mut whole, mut resumed) = (dataset.batches::<2>(7), dataset.batches::<2>(7));
    /// whole.next_batch();
    /// resumed.skip(1);
    /// assert_eq!(whole.next_batch(), resumed.next_batch());
    /// # Ok::<(), DataError>(())
    /// ```
    pub fn skip(&mut self, batches: usize) {
        self.order.skip(batches);
    }

    /// The rows of the data set that the last batch was made of.
    ///
    /// ```
    /// use nanotorch::data::{DataError, Dataset};
    /// use nanotorch::shape::R1;
    ///
    /// let dataset: Dataset<R1<1>> = Dataset::new(vec![0.0; 3], vec![0, 1, 2])?;
    /// let mut batches = dataset.batches::<2>(0);
    /// let classes = batches.next_batch().map(|batch| batch.targets.to_vec()).unwrap_or_default();
    /// assert!(batches.rows().iter().zip(classes).all(|(&row, class)| row == class as usize));
    /// # Ok::<(), DataError>(())
    /// ```
    #[must_use]
    pub fn rows(&self) -> &[usize] {
        self.order.last()
    }

    /// The data set.
    pub(super) fn dataset(&self) -> &'a Dataset<S, Y, T> {
        self.dataset
    }

    /// The targets of the last batch.
    pub(super) fn targets(&self) -> &[Y] {
        &self.targets[..self.rows().len() * self.dataset.targets_per_sample()]
    }

    /// The next batch of this epoch, or `None` at its end, and until [`start_epoch`](Self::start_epoch).
    pub fn next_batch(&mut self) -> Option<Batch<'_, Y, T>> {
        let rows = self.order.next();
        if rows.is_empty() {
            return None;
        }
        let (dataset, len) = (self.dataset, rows.len());
        let (inputs, targets) = (len * S::LEN, len * dataset.targets_per_sample());
        gather(rows, S::LEN, dataset.inputs(), &mut self.inputs);
        gather(rows, dataset.targets_per_sample(), dataset.targets(), &mut self.targets);
        Some(Batch { inputs: &self.inputs[..inputs], targets: &self.targets[..targets], len })
    }
}

/// Where it stands; the samples are too many to print.
impl<const B: usize, S: Shape, Y, T> fmt::Debug for Batches<'_, B, S, Y, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (given, len) = (self.order.given.div_ceil(B), self.order.rows.len().div_ceil(B));
        write!(f, "Batches {{ {given} of {len} given, up to {B} samples each, of {:?} }}", self.dataset)
    }
}
