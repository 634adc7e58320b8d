//! What can be wrong with data, in words and numbers.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What is wrong with a file or with data from the caller, and where.
///
/// Lines and columns count from 1 as an editor shows them; rows (samples) count from 0 as an index does.
///
/// ```
/// use nanotorch::data::{DataError, Dataset};
/// use nanotorch::shape::R1;
///
/// let error = Dataset::<R1<2>>::from_rows([vec![1.0, 2.0], vec![3.0]], [0, 1]).unwrap_err();
/// assert_eq!(error.to_string(), "row 1 has 1 values, but a sample has 2 (shape [2])");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DataError {
    /// The problem is in this file.
    File {
        /// The file's path as it was given.
        path: String,
        /// What is wrong with it.
        problem: Box<DataError>,
    },
    /// The problem is in this line of a text file.
    Line {
        /// The line.
        line: u64,
        /// What is wrong with it.
        problem: Box<DataError>,
    },
    /// The problem is in this byte of a binary file.
    Offset {
        /// Where the byte is, in (decompressed) bytes.
        offset: u64,
        /// What is wrong with it.
        problem: Box<DataError>,
    },
    /// The operating system could not open or read.
    #[cfg(feature = "std")]
    Io {
        /// The kind of failure.
        kind: std::io::ErrorKind,
        /// The system's own words.
        message: String,
    },
    /// There is nothing in it.
    Empty {
        /// What was to be read.
        what: &'static str,
    },
    /// The data ends before what its header announces.
    Truncated {
        /// The part that is cut short.
        what: &'static str,
        /// Where that part begins, in (decompressed) bytes.
        offset: u64,
        /// How many bytes the part has.
        expected: u64,
        /// How many of them are there.
        found: u64,
    },
    /// The data goes on after what its header announces.
    Oversized {
        /// How many bytes there should be in all.
        expected: u64,
    },
    /// There is more than a reader takes.
    TooLarge {
        /// The most bytes that are taken.
        limit: u64,
    },
    /// The gzip stream can't be unpacked: damaged or cut short.
    Gzip {
        /// How many bytes could be unpacked.
        offset: u64,
        /// What the decoder says.
        message: String,
    },
    /// The first four bytes are those of another kind of file.
    WrongMagic {
        /// The bytes found.
        found: [u8; 4],
        /// The kind of file that was expected.
        expected: &'static str,
    },
    /// The samples of the file don't have the length of the data set's shape.
    WrongShape {
        /// The lengths of the shape's axes.
        expected: Vec<usize>,
        /// The lengths of a sample's axes in the data.
        found: Vec<usize>,
    },
    /// A row of values from the caller has another length than a sample.
    RowLength {
        /// The row.
        row: usize,
        /// The lengths of the shape's axes.
        shape: Vec<usize>,
        /// How many values the row has.
        found: usize,
    },
    /// A row of targets from the caller has another length than the first.
    TargetLength {
        /// The row.
        row: usize,
        /// How many targets a sample has.
        expected: usize,
        /// How many this one has.
        found: usize,
    },
    /// A list of numbers from the caller is not a whole number of samples.
    NotWholeSamples {
        /// How many numbers there are.
        values: usize,
        /// How many make a sample.
        per_sample: usize,
    },
    /// There are more samples than targets, or fewer.
    CountMismatch {
        /// The number of samples.
        samples: usize,
        /// The number of samples that the targets are for.
        targets: usize,
    },
    /// A label is not the number of a class.
    LabelOutOfRange {
        /// The sample.
        row: usize,
        /// Its label.
        label: f64,
        /// The number of classes.
        classes: usize,
    },
    /// A line of a CSV file has more or fewer fields than the first.
    Ragged {
        /// The line.
        line: u64,
        /// How many fields it has.
        found: usize,
        /// How many the first line has.
        expected: usize,
    },
    /// A field of a CSV file is not a finite number.
    NotANumber {
        /// The line.
        line: u64,
        /// The column.
        column: usize,
        /// The field's text (at most 40 characters of it).
        text: String,
    },
    /// A number is outside of what this data set has.
    ValueOutOfRange {
        /// The sample.
        row: usize,
        /// The feature's index in the sample.
        feature: usize,
        /// Its value.
        value: f64,
        /// The least and the greatest value that are allowed.
        range: [f64; 2],
    },
    /// There is no such column.
    NoColumn {
        /// The name or the index that was asked for.
        wanted: String,
        /// How many columns there are.
        columns: usize,
        /// Their names, where the file has a header.
        names: Vec<String>,
    },
}

impl DataError {
    /// This problem, with the file that has it.
    ///
    /// ```
    /// use nanotorch::data::DataError;
    /// let error = DataError::Empty { what: "CSV" }.in_file("wine.csv");
    /// assert_eq!(error.to_string(), "wine.csv: the CSV is empty");
    /// ```
    #[must_use]
    pub fn in_file(self, path: impl Into<String>) -> Self {
        Self::File { path: path.into(), problem: Box::new(self) }
    }

    /// This problem, with the line that has it.
    #[cfg(feature = "data")]
    pub(super) fn in_line(self, line: u64) -> Self {
        Self::Line { line, problem: Box::new(self) }
    }

    /// This problem, with the byte that has it.
    #[cfg(feature = "data")]
    pub(super) fn at_offset(self, offset: u64) -> Self {
        Self::Offset { offset, problem: Box::new(self) }
    }

    /// The problem itself, without its place: the file, the line or the offset.
    ///
    /// ```
    /// use nanotorch::data::DataError;
    /// let error = DataError::Oversized { expected: 8 };
    /// assert_eq!(error.clone().in_file("labels").problem(), &error);
    /// ```
    #[must_use]
    pub fn problem(&self) -> &Self {
        match self {
            Self::File { problem, .. } | Self::Line { problem, .. } | Self::Offset { problem, .. } => {
                problem.problem()
            }
            _ => self,
        }
    }
}

#[cfg(feature = "std")]
impl From<std::io::Error> for DataError {
    fn from(error: std::io::Error) -> Self {
        Self::Io { kind: error.kind(), message: alloc::format!("{error}") }
    }
}

impl core::error::Error for DataError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::File { problem, .. } | Self::Line { problem, .. } | Self::Offset { problem, .. } => {
                Some(&**problem)
            }
            _ => None,
        }
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let f: &mut dyn fmt::Write = f;
        match self {
            Self::File { path, problem } => write!(f, "{path}: {problem}"),
            Self::Line { line, problem } => write!(f, "line {line}: {problem}"),
            Self::Offset { offset, problem } => write!(f, "offset {offset}: {problem}"),
            #[cfg(feature = "std")]
            Self::Io { message, .. } => write!(f, "can't be read: {message}"),
            Self::Empty { what } => write!(f, "the {what} is empty"),
            Self::Truncated { what, offset, expected, found } => write!(
                f,
                "cut short: the {what} takes {expected} bytes from offset {offset} on, but only {found} are there"
            ),
            Self::Oversized { expected } => write!(
                f,
                "too long: the header announces {expected} bytes in all, but there are more; \
                 is the header damaged, or something appended?"
            ),
            Self::TooLarge { limit } => {
                write!(f, "more than {limit} bytes, the most that is read into memory")
            }
            Self::Gzip { offset, message } => {
                write!(f, "the gzip stream is damaged or cut short after {offset} unpacked bytes: {message}")
            }
            Self::WrongMagic { found, expected } => write!(
                f,
                "the first four bytes are 0x{:08X}{}, but {expected} was expected",
                u32::from_be_bytes(*found),
                kind_of_file(*found)
            ),
            Self::WrongShape { expected, found } => write!(
                f,
                "a sample here is {found:?} ({} values), but the data set's shape is {expected:?} ({} values)",
                found.iter().product::<usize>(),
                expected.iter().product::<usize>()
            ),
            Self::RowLength { row, shape, found } => write!(
                f,
                "row {row} has {found} values, but a sample has {} (shape {shape:?})",
                shape.iter().product::<usize>()
            ),
            Self::TargetLength { row, expected, found } => {
                write!(f, "row {row} has {found} targets, but row 0 has {expected}")
            }
            Self::NotWholeSamples { values, per_sample } => {
                write!(f, "{values} values are not a whole number of samples of {per_sample} values")
            }
            Self::CountMismatch { samples, targets } => {
                write!(f, "{samples} samples, but targets for {targets}: do the files belong together?")
            }
            Self::LabelOutOfRange { row, label, classes } => write!(
                f,
                "sample {row} has the label {label}, but with {classes} classes labels are the whole numbers from 0 to {}",
                classes.saturating_sub(1)
            ),
            Self::Ragged { line, found, expected } => {
                write!(f, "line {line} has {found} fields, but the first line has {expected}")
            }
            Self::NotANumber { line, column, text } => {
                write!(f, "line {line}, column {column}: `{text}` is not a finite number")?;
                match line {
                    1 => write!(f, " (if line 1 is a header, say so with `Header::Present`)"),
                    _ => Ok(()),
                }
            }
            Self::ValueOutOfRange { row, feature, value, range: [low, high] } => {
                write!(f, "sample {row}, feature {feature}: {value} is not in {low}..={high}")
            }
            Self::NoColumn { wanted, columns, names } if names.is_empty() => {
                write!(f, "no column {wanted}: there are {columns} columns, counted from 0, and no header")
            }
            Self::NoColumn { wanted, columns, names } => {
                write!(f, "no column {wanted}: there are {columns}, named")?;
                for (index, name) in names.iter().enumerate() {
                    write!(f, "{}{name}", if index == 0 { " " } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

/// What a file with these first bytes is likely to be, as a remark in brackets.
fn kind_of_file(magic: [u8; 4]) -> &'static str {
    match magic {
        [0, 0, 8, 1] => " (IDX labels)",
        [0, 0, 8, 3] => " (IDX images)",
        [0, 0, 8, _] => " (IDX of bytes, of another rank)",
        [0, 0, 0x09 | 0x0B..=0x0E, _] => " (IDX, but of numbers wider than a byte, or signed)",
        [0x1F, 0x8B, ..] => " (gzip within gzip)",
        [b'P', b'K', ..] => " (a zip archive)",
        [0x89, b'P', b'N', b'G'] => " (a PNG image)",
        [0x93, b'N', b'U', b'M'] => " (a NumPy array)",
        _ if magic.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')) => " (text)",
        _ => "",
    }
}
