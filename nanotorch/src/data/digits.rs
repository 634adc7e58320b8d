//! The UCI handwritten digits: grey images of 8 x 8 from 43 people, the test set of which scikit-learn ships.
//!
//! A line is an image: 64 counts of ink from 0 to 16, row by row, then the digit. Nanotorch's examples carry the 1,797 images
//! of `digits.csv.gz`; UCI's own `optdigits.tra` and `optdigits.tes` have the same format.
//!
//! Source: E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository (1998).

use std::io::Read;
use std::path::Path;

use super::csv::{Column, CsvReader, Header, Table};
use super::source::with_file;
use super::{DataError, Dataset};
use crate::element::Float;
use crate::shape::Shape;

/// The most ink that a pixel has.
const FULL: f64 = 16.0;

/// Reads the digits, plain or gzip: `x = ink / 16`, `y = digit`.
///
/// The shape has 64 values: `[64]`, `[8, 8]` or `[1, 8, 8]`.
///
/// ```
/// use nanotorch::data::{DataError, Dataset, digits};
/// use nanotorch::shape::R3;
///
/// let line = format!("{}16,4", "0,".repeat(63));
/// let digits: Dataset<R3<1, 8, 8>> = digits::read(line.as_bytes())?;
/// assert_eq!(digits.inputs()[63], 1.0);
/// assert_eq!(digits.targets(), [4]);
/// # Ok::<(), DataError>(())
/// ```
///
/// # Errors
/// If it is not a CSV of 65 columns, the ink is not within 0 and 16, or the label is not a digit.
pub fn read<S: Shape, T: Float>(reader: impl Read) -> Result<Dataset<S, u32, T>, DataError> {
    let table = CsvReader::new().header(Header::Absent).read(reader)?;
    let mut digits = table.classification::<S, T>(Column::Last, 10)?;
    check_ink(&table)?;
    for number in digits.inputs_mut() {
        *number = T::from_f64(number.to_f64() / FULL);
    }
    Ok(digits)
}

/// Whether all but the last column is ink.
fn check_ink(table: &Table) -> Result<(), DataError> {
    for (row, values) in table.values().chunks_exact(table.columns()).enumerate() {
        let ink = values.split_last().map_or(&[][..], |(_, ink)| ink);
        for (feature, &value) in ink.iter().enumerate() {
            if !(0.0..=FULL).contains(&value) {
                let problem = DataError::ValueOutOfRange { row, feature, value, range: [0.0, FULL] };
                return Err(table.wrong(row, problem));
            }
        }
    }
    Ok(())
}

/// Reads a file of digits: [`read`] with a path.
///
/// ```no_run
/// use nanotorch::data::{DataError, Dataset, digits};
/// use nanotorch::shape::R1;
///
/// let digits: Dataset<R1<64>> = digits::open("examples/data/digits.csv.gz")?;
/// assert_eq!(digits.len(), 1797);
/// # Ok::<(), DataError>(())
/// ```
///
/// # Errors
/// Those of [`read`], and if the file can't be opened or read.
pub fn open<S: Shape, T: Float>(path: impl AsRef<Path>) -> Result<Dataset<S, u32, T>, DataError> {
    with_file(path.as_ref(), |file| read(file))
}
