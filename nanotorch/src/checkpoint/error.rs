//! What can be wrong with a checkpoint.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A checkpoint could not be written or read. Its text begins with the file's path.
#[derive(Debug)]
pub struct CheckpointError {
    /// The file; `None` if the bytes came from memory.
    pub path: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a checkpoint.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The file can't be opened, read, written or moved to its place.
    #[cfg(feature = "std")]
    Io {
        /// What was tried.
        tried: &'static str,
        /// Why it failed.
        error: std::io::Error,
    },
    /// There are fewer bytes than the length of the header takes.
    TooShort {
        /// How many there are.
        found: usize,
    },
    /// The header is longer than the file.
    HeaderTruncated {
        /// The bytes that the header has, as the file says.
        needed: u64,
        /// The bytes that are left for it.
        found: usize,
    },
    /// The header isn't what it should be.
    Header {
        /// Where in the file.
        offset: usize,
        /// What is wrong.
        why: String,
    },
    /// There are fewer or more bytes of numbers than the header says.
    DataLength {
        /// The file's length, as the header says.
        needed: u64,
        /// The file's length.
        found: usize,
    },
    /// The tensors aren't those that were asked for.
    Tensors(Vec<TensorProblem>),
    /// An entry beside the tensors is missing: the file wasn't saved with it.
    NoEntry {
        /// The entry's name.
        entry: String,
    },
    /// An entry beside the tensors can't be read.
    Entry {
        /// The entry's name.
        entry: String,
        /// What it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// Two tensors to be saved have the same name.
    SameName {
        /// The name.
        name: String,
    },
}

/// A tensor that isn't what it should be.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TensorProblem {
    /// The file doesn't have it.
    Missing {
        /// Its name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// Nothing that was asked for has it.
    Extra {
        /// Its name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// It has another shape.
    Shape {
        /// Its name.
        name: String,
        /// The shape that it should have.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// It has another element type.
    ElementType {
        /// Its name.
        name: String,
        /// The element type that it should have, as safetensors calls it.
        expected: &'static str,
        /// The element type in the file.
        found: String,
        /// Whether it can be converted.
        convertible: bool,
    },
    /// A number is beyond the range of the element type that it is converted to.
    Range {
        /// The tensor's name.
        name: String,
        /// The number.
        value: f64,
        /// The element type.
        expected: &'static str,
    },
}

/// How many tensors a message lists.
const LISTED: usize = 20;

impl fmt::Display for CheckpointError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            formatter.write_str(path)?;
            formatter.write_str(": ")?;
        }
        self.problem.fmt(formatter)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        match self {
            #[cfg(feature = "std")]
            Problem::Io { tried, error } => write!(formatter, "cannot {tried}: {error}"),
            Problem::TooShort { found } => write!(
                formatter,
                "a safetensors file begins with 8 bytes that say how long its header is, but there are only {found} bytes"
            ),
            Problem::HeaderTruncated { needed, found } => write!(
                formatter,
                "the header should have {needed} bytes, but only {found} follow: the file is truncated, or no safetensors file"
            ),
            Problem::Header { offset, why } => {
                write!(formatter, "the header is wrong at byte {offset}: {why}")
            }
            Problem::DataLength { needed, found } if *needed > *found as u64 => {
                let lacking = *needed - *found as u64;
                write!(
                    formatter,
                    "the file is truncated: it has {found} of {needed} bytes, {lacking} are missing; copy it anew"
                )
            }
            Problem::DataLength { needed, found } => {
                write!(formatter, "the file has {found} bytes, but its tensors end at byte {needed}")
            }
            Problem::Tensors(problems) => {
                let (count, tensors) =
                    (problems.len(), if problems.len() == 1 { "tensor doesn't" } else { "tensors don't" });
                write!(formatter, "{count} {tensors} fit:")?;
                for problem in problems.iter().take(LISTED) {
                    write!(formatter, "\n  {problem}")?;
                }
                if count > LISTED {
                    write!(formatter, "\n  and {} more", count - LISTED)?;
                }
                Ok(())
            }
            Problem::NoEntry { entry } => {
                write!(formatter, "the file has no entry `{entry}`: it was saved without that part")
            }
            Problem::Entry { entry, found, expected } => {
                write!(formatter, "the entry `{entry}` is `{found}`; it should be {expected}")
            }
            Problem::SameName { name } => write!(
                formatter,
                "two tensors have the name `{name}`; rename the field, names must differ within a file"
            ),
        }
    }
}

impl fmt::Display for TensorProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        match self {
            TensorProblem::Missing { name, shape } => {
                write!(formatter, "`{name}` {shape:?} is missing in the file")
            }
            TensorProblem::Extra { name, shape } => {
                write!(formatter, "`{name}` {shape:?} is in the file, but in nothing that it is loaded into")
            }
            TensorProblem::Shape { name, expected, found } => {
                write!(formatter, "`{name}` is {found:?} in the file, but {expected:?} is expected")
            }
            TensorProblem::ElementType { name, expected, found, convertible } => {
                write!(formatter, "`{name}` is of {found} in the file, but {expected} is expected")?;
                formatter.write_str(if *convertible { "; `load_converting` converts it" } else { "" })
            }
            TensorProblem::Range { name, value, expected } => {
                write!(formatter, "`{name}` holds {value:e}, which is beyond the range of {expected}")
            }
        }
    }
}

impl core::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.problem {
            #[cfg(feature = "std")]
            Problem::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<Problem> for CheckpointError {
    fn from(problem: Problem) -> Self {
        CheckpointError { path: None, problem }
    }
}
