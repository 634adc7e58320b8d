//! IDX: the format of MNIST, Fashion-MNIST, KMNIST and EMNIST.
//!
//! ```text
//! bytes 0, 1   0
//! byte 2       0x08: the values are unsigned bytes
//! byte 3       the rank R: 1 for labels, 3 for grey images
//! R x 4 bytes  the length of each axis, big-endian, the number of samples first
//! the rest     the values, row-major
//! ```
//!
//! Files may be gzip. The value types wider than a byte, which none of these data sets uses, are refused.
//!
//! Source: Y. LeCun, C. Cortes, C. Burges, *The MNIST database of handwritten digits*.

use alloc::vec::Vec;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::source::{Source, named, with_file};
use super::{DataError, Dataset, MAX_BYTES};
use crate::element::Float;
use crate::shape::{Shape, lengths};

/// The content of an IDX file: an array of bytes of any rank.
///
/// ```
/// use nanotorch::data::{DataError, Dataset, idx::Idx};
/// use nanotorch::shape::R1;
///
/// let images = Idx::read(&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 0][..])?;
/// let labels = Idx::read(&[0, 0, 8, 1, 0, 0, 0, 2, 1, 0][..])?;
/// assert_eq!(images.dims(), [2, 1, 2]);
///
/// let dataset: Dataset<R1<2>> = images.classification(&labels, 2)?;
/// assert_eq!(dataset.inputs(), [0.0, 1.0, 0.2, 0.0]);
/// assert_eq!(dataset.targets(), [1, 0]);
/// # Ok::<(), DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    dims: Vec<usize>,
    values: Vec<u8>,
}

impl Idx {
    /// Reads the whole of `reader`, plain or gzip.
    ///
    /// # Errors
    /// If it is not an IDX file of bytes, or has no samples, or has fewer or more bytes than its header announces, or more
    /// than [`MAX_BYTES`].
    pub fn read(reader: impl Read) -> Result<Self, DataError> {
        Self::read_boxed(Box::new(reader))
    }

    fn read_boxed(reader: Box<dyn Read + '_>) -> Result<Self, DataError> {
        let mut source = Source::new(reader, MAX_BYTES)?;
        let magic = bytes(&mut source, "IDX magic number", 4)?;
        let [0, 0, 0x08, rank @ 1..=u8::MAX] = magic[..] else {
            let mut found = [0; 4];
            found.copy_from_slice(&magic);
            return Err(DataError::WrongMagic { found, expected: "IDX of bytes (0x000008, then the rank)" });
        };
        let header = bytes(&mut source, "IDX header", 4 * u64::from(rank))?;
        let (mut dims, mut length) = (Vec::new(), 1_u64);
        for &axis in header.as_chunks().0 {
            let axis = u32::from_be_bytes(axis);
            dims.push(axis as usize);
            length = length.saturating_mul(axis.into());
        }
        match length {
            0 => return Err(DataError::Empty { what: "IDX array" }),
            1..=MAX_BYTES => {}
            _ => return Err(DataError::TooLarge { limit: MAX_BYTES }),
        }
        let values = bytes(&mut source, "IDX array", length)?;
        let expected = source.offset();
        match source.read(&mut [0]) {
            Ok(0) => Ok(Self { dims, values }),
            Ok(_) => Err(DataError::Oversized { expected }),
            Err(error) => Err(source.explain(&error)),
        }
    }

    /// Reads a file, plain or gzip.
    ///
    /// ```
    /// let error = nanotorch::data::idx::Idx::open("no/such/file").unwrap_err();
    /// assert!(error.to_string().starts_with("no/such/file: can't be read: "));
    /// ```
    ///
    /// # Errors
    /// Those of [`read`](Self::read), and if the file can't be opened or read.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DataError> {
        with_file(path.as_ref(), Self::read)
    }

    /// The length of each axis, the number of samples first.
    #[must_use]
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The values, row-major.
    #[must_use]
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// Images with their labels: `x = byte / 255`, `y = label`.
    ///
    /// The images' axes after the first need not be the shape's, but have as many values: 28 x 28 images can be samples of
    /// shape `[784]`, `[28, 28]` or `[1, 28, 28]`.
    ///
    /// # Errors
    /// If either is not what its place says, a label is not below `classes`, the counts differ, or images don't fit the shape.
    pub fn classification<S: Shape, T: Float>(
        &self,
        labels: &Self,
        classes: usize,
    ) -> Result<Dataset<S, u32, T>, DataError> {
        Dataset::new(self.images::<S, T>()?, labels.labels(classes)?)
    }

    fn images<S: Shape, T: Float>(&self) -> Result<Vec<T>, DataError> {
        self.check_images(lengths::<S>())?;
        let mut images = alloc::vec![T::ZERO; self.values.len()];
        if const { T::IS_F32 } {
            self.scale_f32(T::f32s_mut(&mut images));
        } else {
            self.scale(&mut images);
        }
        Ok(images)
    }

    #[inline(never)]
    fn scale_f32(&self, images: &mut [f32]) {
        self.scale(images);
    }

    fn scale<T: Float>(&self, images: &mut [T]) {
        let scaled: [T; 256] = core::array::from_fn(|byte| T::from_f64(byte as f64 / 255.0));
        for (number, &byte) in images.iter_mut().zip(&self.values) {
            *number = scaled[usize::from(byte)];
        }
    }

    /// Whether it is images of as many values as a sample of these dimensions.
    fn check_images(&self, sample: &[usize]) -> Result<(), DataError> {
        let [_, found @ ..] = &self.dims[..] else { return Err(self.not("IDX images (0x00000803)")) };
        if found.is_empty() {
            return Err(self.not("IDX images (0x00000803)"));
        }
        if found.iter().product::<usize>() != sample.iter().product() {
            return Err(DataError::WrongShape { expected: sample.to_vec(), found: found.to_vec() });
        }
        Ok(())
    }

    fn labels(&self, classes: usize) -> Result<Vec<u32>, DataError> {
        if self.dims.len() != 1 {
            return Err(self.not("IDX labels (0x00000801)"));
        }
        let mut labels = Vec::with_capacity(self.values.len());
        for (row, &label) in self.values.iter().enumerate() {
            if usize::from(label) >= classes {
                let problem = DataError::LabelOutOfRange { row, label: label.into(), classes };
                // Four bytes of magic number and four for the only length stand before the labels.
                return Err(problem.at_offset(8 + row as u64));
            }
            labels.push(label.into());
        }
        Ok(labels)
    }

    fn not(&self, expected: &'static str) -> DataError {
        DataError::WrongMagic { found: [0, 0, 8, self.dims.len() as u8], expected }
    }
}

/// How many bytes are asked for at a time.
const PART: u64 = 1 << 16;

/// The next `length` bytes, which are allocated as they arrive: a header can promise anything.
fn bytes(source: &mut Source<'_>, what: &'static str, length: u64) -> Result<Vec<u8>, DataError> {
    let (offset, mut bytes) = (source.offset(), Vec::new());
    while source.offset() - offset < length {
        let (found, left) = (bytes.len(), length - bytes.len() as u64);
        bytes.resize(found + left.min(PART) as usize, 0);
        let count = source.read(&mut bytes[found..]).map_err(|error| source.explain(&error))?;
        bytes.truncate(found + count);
        if count == 0 {
            break;
        }
    }
    match bytes.len() as u64 {
        0 if offset == 0 => Err(DataError::Empty { what: "file" }),
        found if found < length => Err(DataError::Truncated { what, offset, expected: length, found }),
        _ => Ok(bytes),
    }
}

/// Reads a file of images and the file of their labels: [`Idx::classification`] of both.
///
/// ```no_run
/// use nanotorch::data::{DataError, Dataset, idx};
/// use nanotorch::shape::R3;
///
/// let test: Dataset<R3<1, 28, 28>> = idx::open("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", 10)?;
/// # Ok::<(), DataError>(())
/// ```
///
/// # Errors
/// What is wrong, with the path of the file that is to blame.
pub fn open<S: Shape, T: Float>(
    images: impl AsRef<Path>,
    labels: impl AsRef<Path>,
    classes: usize,
) -> Result<Dataset<S, u32, T>, DataError> {
    let (images, labels) = (images.as_ref(), labels.as_ref());
    let inputs = Idx::open(images)?.images::<S, T>().map_err(|problem| named(images, problem))?;
    let dataset = Idx::open(labels)?.labels(classes).and_then(|labels| Dataset::new(inputs, labels));
    dataset.map_err(|problem| named(labels, problem))
}

/// Reads the training set and the test set from a folder with MNIST's four files, or those of a data set that took over its
/// names (Fashion-MNIST, KMNIST): `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`,
/// `t10k-labels-idx1-ubyte`, each plain or with `.gz`. There are ten classes.
///
/// ```no_run
/// use nanotorch::data::{DataError, Dataset, idx};
/// use nanotorch::shape::R1;
///
/// let (train, test): (Dataset<R1<784>>, Dataset<R1<784>>) = idx::open_mnist("data/mnist")?;
/// assert_eq!((train.len(), test.len()), (60_000, 10_000));
/// # Ok::<(), DataError>(())
/// ```
///
/// # Errors
/// What is wrong, with the path of the file that is to blame.
#[expect(
    clippy::type_complexity,
    reason = "a pair of the same type twice is no easier to read under another name"
)]
pub fn open_mnist<S: Shape, T: Float>(
    folder: impl AsRef<Path>,
) -> Result<(Dataset<S, u32, T>, Dataset<S, u32, T>), DataError> {
    let folder = folder.as_ref();
    let set = |images, labels| open(&*file_in(folder, images), &*file_in(folder, labels), 10);
    Ok((
        set("train-images-idx3-ubyte", "train-labels-idx1-ubyte")?,
        set("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")?,
    ))
}

/// The file of that name, or the same packed.
fn file_in(folder: &Path, name: &str) -> PathBuf {
    let plain = folder.join(name);
    let packed = folder.join(alloc::format!("{name}.gz"));
    if packed.exists() && !plain.exists() { packed } else { plain }
}
