//! Shapes as values.

use core::fmt;

use super::{Dims, MAX_RANK, Shape};

/// Distances between neighbours along each axis; negative where an axis runs backwards.
pub type Signed = [isize; MAX_RANK];

/// A shape as a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    rank: usize,
    dims: Dims,
}

impl Layout {
    /// The shape of one number.
    pub const SCALAR: Layout = Layout { rank: 0, dims: [0; MAX_RANK] };

    /// The value of a type.
    pub const fn of<S: Shape>() -> Layout {
        Layout { rank: S::RANK, dims: S::DIMS }
    }

    /// A shape of these lengths, at most six.
    pub fn new(lengths: &[usize]) -> Layout {
        let mut layout = Layout { rank: lengths.len(), ..Layout::SCALAR };
        layout.dims[..lengths.len()].copy_from_slice(lengths);
        layout
    }

    /// The number of axes.
    pub const fn rank(&self) -> usize {
        self.rank
    }

    /// The length of each axis.
    pub fn lengths(&self) -> &[usize] {
        &self.dims[..self.rank]
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.lengths().iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How far apart neighbours along each axis lie.
    pub fn strides(&self) -> Signed {
        let (mut strides, mut stride) = ([0; MAX_RANK], 1);
        for axis in (0..self.rank).rev() {
            strides[axis] = stride as isize;
            stride *= self.dims[axis];
        }
        strides
    }

    /// The length of an axis of a shape of `rank` axes that this one is aligned to from the last axis on; 1 where it has none.
    pub fn aligned(&self, rank: usize, axis: usize) -> usize {
        if axis + self.rank < rank { 1 } else { self.dims[axis + self.rank - rank] }
    }

    /// The array as `[outer, length, inner]` around an axis.
    pub fn around(&self, axis: usize) -> (usize, usize, usize) {
        let lengths = self.lengths();
        (lengths[..axis].iter().product(), lengths[axis], lengths[axis + 1..].iter().product())
    }

    /// The index along each axis of the element that lies at `place`.
    pub fn index(&self, place: usize) -> Layout {
        let (mut index, mut rest) = (*self, place);
        for axis in (0..self.rank).rev() {
            index.dims[axis] = rest % self.dims[axis];
            rest /= self.dims[axis];
        }
        index
    }

    /// The same with another length of one axis.
    #[must_use]
    pub fn with(mut self, axis: usize, length: usize) -> Layout {
        self.dims[axis] = length;
        self
    }

    /// The same without an axis.
    #[must_use]
    pub fn without(mut self, axis: usize) -> Layout {
        self.dims.copy_within(axis + 1.., axis);
        self.rank -= 1;
        self.dims[self.rank] = 0;
        self
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.lengths(), formatter)
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
