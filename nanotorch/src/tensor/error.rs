//! What can be wrong with numbers that come from outside.

use core::fmt;

use crate::shape::{Dim, Dims, Layout, Shape};

/// Numbers that don't make a tensor of the shape that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorError {
    /// There are too many, or too few.
    Length {
        /// How many were given.
        given: usize,
        /// The shape that they were given for.
        shape: ShapeText,
    },
    /// The shape doesn't allow so many rows.
    Rows {
        /// How many were asked for.
        given: usize,
        /// The shape.
        shape: ShapeText,
    },
    /// An index isn't a place along its axis.
    Index {
        /// Where it stands.
        at: Layout,
        /// What it is.
        value: i64,
        /// The length of the axis.
        length: usize,
    },
    /// A NaN, where it would hide.
    Nan {
        /// Where it stands.
        at: Layout,
    },
    /// The largest or smallest of no numbers.
    Empty {
        /// The shape that has none.
        shape: Layout,
    },
    /// A divisor of 0.
    Zero {
        /// Where it stands.
        at: Layout,
    },
}

impl fmt::Display for TensorError {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        match self {
            Self::Length { given, shape } if shape.exact => {
                write!(
                    formatter,
                    "{given} numbers don't make the shape {shape}, which takes {}",
                    shape.length()
                )
            }
            Self::Length { given, shape } => write!(
                formatter,
                "{given} numbers don't make the shape {shape}, which takes a multiple of {}, at most {}",
                shape.length() / shape.dims[0].max(1),
                shape.length()
            ),
            Self::Rows { given, shape } => write!(formatter, "the shape {shape} can't have {given} rows"),
            Self::Index { at, value, length } => {
                write!(formatter, "the index at {at} is {value}, but the axis has a length of {length}")
            }
            Self::Nan { at } => {
                write!(formatter, "the number at {at} is NaN, so none is the largest or smallest")
            }
            Self::Empty { shape } => {
                write!(
                    formatter,
                    "the shape {shape} has no numbers of which one were the largest or smallest"
                )
            }
            Self::Zero { at } => write!(formatter, "the divisor at {at} is 0"),
        }
    }
}

impl core::error::Error for TensorError {}

/// A shape as a value, for messages: prints as `[64, 784]` or `[up to 64, 784]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeText {
    dims: Dims,
    rank: usize,
    exact: bool,
}

impl ShapeText {
    pub(super) fn new<S: Shape>() -> Self {
        ShapeText { dims: S::DIMS, rank: S::RANK, exact: S::First::EXACT }
    }

    fn length(&self) -> usize {
        self.dims[..self.rank].iter().product()
    }
}

impl fmt::Display for ShapeText {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.exact { "[" } else { "[up to " })?;
        for (axis, length) in self.dims[..self.rank].iter().enumerate() {
            write!(formatter, "{}{length}", if axis == 0 { "" } else { ", " })?;
        }
        formatter.write_str("]")
    }
}
