//! Data sets: samples in memory, where they come from, and the order in which training sees them.
//!
//! - [`Dataset`]: samples of one shape, known to the compiler, with their targets; splitting into training and test.
//! - [`Normalization`]: centre and spread of the training set, to be applied to whatever the model is shown.
//! - [`Batches`]: shuffled mini-batches that allocate nothing after they were made.
//! - [`Augmentation`]: images shifted, mirrored and cropped at random, by a seed, batch by batch ([`AugmentedBatches`]).
//! - [`idx`] (MNIST and its relatives), [`csv`], [`digits`]: files, plain or gzip, checked to the last byte (feature `data`).
//!
//! Whatever can be wrong with a file is a [`DataError`] that says what, where, and what to do about it. Memory is taken for
//! what a file holds, not for what its header promises, and no more than [`MAX_BYTES`] of content are read.
//!
//! Not here: tokenisation, downloads, and data that doesn't fit into memory.
//!
//! ```
//! use nanotorch::data::{DataError, Dataset, Normalization};
//! use nanotorch::shape::R1;
//!
//! let xor: Dataset<R1<2>> = Dataset::from_rows([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])?;
//! let (mut train, mut test) = xor.split(0.75, 7);
//! let normalization = Normalization::standard(&train);
//! normalization.apply(&mut train);
//! normalization.apply(&mut test);
//!
//! let mut batches = train.batches::<2>(7);
//! for epoch in 0..3 {
//!     batches.start_epoch(epoch);
//!     while let Some(batch) = batches.next_batch() {
//!         assert_eq!(batch.inputs.len(), batch.len * 2);
//!     }
//! }
//! # Ok::<(), DataError>(())
//! ```

mod augmentation;
mod batches;
mod dataset;
mod error;
mod normalization;

#[cfg(feature = "data")]
pub mod csv;
#[cfg(feature = "data")]
pub mod digits;
#[cfg(feature = "data")]
pub mod idx;
#[cfg(feature = "data")]
mod source;
#[cfg(feature = "data")]
mod table;

pub use augmentation::{Augmentation, AugmentedBatches, Crop, Flip, Shift};
pub use batches::{Batch, Batches};
pub use dataset::Dataset;
pub use error::DataError;
pub use normalization::Normalization;

/// The most bytes, after decompression, that a reader takes from one file: 4 GiB.
///
/// It keeps a small gzip file that unpacks to terabytes from filling the memory.
pub const MAX_BYTES: u64 = 1 << 32;
