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
    random: Random,
    order: Vec<usize>,
    given: usize,
    inputs: Vec<T>,
    targets: Vec<Y>,
}

impl<'a, const B: usize, S: Shape, Y: Copy, T: Copy> Batches<'a, B, S, Y, T> {
    /// The batches of a data set, at the start of epoch 0.
    #[must_use]
    pub fn new(dataset: &'a Dataset<S, Y, T>, seed: u64) -> Self {
        const { assert!(B > 0, "a batch has at least one sample") };
        let samples = B.min(dataset.len());
        let mut batches = Self {
            dataset,
            random: Random::new(seed),
            order: vec![0; dataset.len()],
            given: 0,
            inputs: dataset.inputs()[..samples * S::LEN].to_vec(),
            targets: dataset.targets()[..samples * dataset.targets_per_sample()].to_vec(),
        };
        batches.start_epoch(0);
        batches
    }

    /// Goes to the start of an epoch and draws its order.
    pub fn start_epoch(&mut self, epoch: u64) {
        for (row, index) in self.order.iter_mut().enumerate() {
            *index = row;
        }
        self.random.fork(epoch).shuffle(&mut self.order);
        self.given = 0;
    }

    /// How many batches an epoch has, the partial one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len().div_ceil(B)
    }

    /// Whether the data set, and so every epoch, is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
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
        self.given = batches.saturating_mul(B).saturating_add(self.given).min(self.order.len());
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
        let start = self.given.saturating_sub(1) / B * B;
        &self.order[start..self.given]
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
        let rows = &self.order[self.given..self.order.len().min(self.given + B)];
        if rows.is_empty() {
            return None;
        }
        let per_sample = self.dataset.targets_per_sample();
        for (place, &row) in rows.iter().enumerate() {
            let input = &self.dataset.inputs()[row * S::LEN..][..S::LEN];
            self.inputs[place * S::LEN..][..S::LEN].copy_from_slice(input);
            let target = &self.dataset.targets()[row * per_sample..][..per_sample];
            self.targets[place * per_sample..][..per_sample].copy_from_slice(target);
        }
        let len = rows.len();
        self.given += len;
        Some(Batch { inputs: &self.inputs[..len * S::LEN], targets: &self.targets[..len * per_sample], len })
    }
}

/// Where it stands; the samples are too many to print.
impl<const B: usize, S: Shape, Y, T> fmt::Debug for Batches<'_, B, S, Y, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (given, len) = (self.given.div_ceil(B), self.order.len().div_ceil(B));
        write!(f, "Batches {{ {given} of {len} given, up to {B} samples each, of {:?} }}", self.dataset)
    }
}
