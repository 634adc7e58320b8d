//! Tensors: numbers in memory with a [`Shape`] that the compiler knows.
//!
//! [`Tensor<S, T>`](Tensor) owns its numbers, on the heap; [`&View<S, T>`](View) and `&mut View<S, T>` borrow them from
//! anywhere. As `Vec` has the methods of `[T]`, a tensor has those of a view. All are contiguous and row-major, so that
//! [`as_slice`](View::as_slice) is all it takes to hand one to a kernel, a model or a file.
//!
//! ```
//! use nanotorch::prelude::*;
//! use nanotorch::tensor;
//!
//! let table = tensor![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
//! assert_eq!(table[[1, 0]], 4.0);
//! assert_eq!(table.row(1).as_slice(), [4.0, 5.0, 6.0]);
//! assert_eq!(table.map(|x| 10.0 * x).reshape::<R1<6>>()[[5]], 60.0);
//! assert_eq!(
//!     table.to_string(),
//!     "tensor([[1., 2., 3.],\n        [4., 5., 6.]], shape=[2, 3], f32)"
//! );
//! ```
//!
//! A leading dimension [`UpTo`](crate::shape::UpTo) has a length known at run time and memory for its capacity.
//!
//! Here belong memory, making, indexing and printing, and a face for the operations of [`crate::op`]. That face, with all that is
//! said below, is there with the feature `tape`.
//!
//! # When shapes are compared
//! What types can say is found by `cargo check`, under the call: products of lengths that differ, axes that aren't there, orders
//! that name an axis twice, operands to be joined that differ along other axes, letters of [`einsum!`](crate::einsum) with two
//! lengths, a left side of `+=` with fewer axes than the right one, weights without the axes of a window.
//!
//! What takes arithmetic on lengths can't be a bound in stable Rust: that two lengths are equal *or one is 1*, that the length of
//! a joined axis is a sum, that a range ends within its axis, that a reshape keeps the number of elements, how many places a
//! window has. Those are constants of generic methods, and generic constants are evaluated where programs are built: `cargo build`
//! and `cargo test` find them, with both shapes in the message, but an editor that only
//! checks doesn't show them. In a `#[model]` all are found by `cargo check`.
//!
//! # Operations
//! `all` are f32, f64, the integers and bool. A derivative is that of a variable of a [tape](crate::tape); where there is a
//! second one, gradients can be differentiated; where there is none, [`Var::gradient`](crate::tape::Var::gradient) is an error that
//! names the operation, never a number. The tests are those of the project's `tests/tests/tape` and `tests/tests/values`.
//!
#![doc = include_str!("operations.md")]

mod array;
mod create;
mod error;
mod format;
mod index;
mod initialize;
#[cfg(feature = "tape")]
mod operation;
mod row;
mod view;

use core::borrow::{Borrow, BorrowMut};
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::element::Element;
use crate::shape::{Dim, Shape};
use crate::storage::Block;

pub use error::{ShapeText, TensorError};
pub use index::Indices;
#[cfg(feature = "tape")]
pub(crate) use operation::check_operands;
#[cfg(feature = "tape")]
pub use operation::*;
pub use view::View;
#[cfg(feature = "tape")]
pub(crate) use view::can_become;

/// Borrowed numbers with a shape.
pub type TensorView<'a, S, T = f32> = &'a View<S, T>;
/// Borrowed numbers with a shape, to be changed.
pub type TensorViewMut<'a, S, T = f32> = &'a mut View<S, T>;

/// Numbers with a shape, on the heap, aligned to 64 bytes.
///
/// What it can do beside being made is in [`View`], which it dereferences to.
///
/// ```
/// use nanotorch::prelude::*;
///
/// let mut image = Tensor::<R2<28, 28>>::zeros();
/// image[[14, 14]] = 1.0;
/// assert_eq!(image.iter().sum::<f32>(), 1.0);
///
/// let identity = Tensor::<R2<3, 3>, f64>::from_fn(|[row, column]| if row == column { 1.0 } else { 0.0 });
/// assert_eq!(identity, Tensor::eye());
/// ```
/// An index with a number too many or too few doesn't compile:
/// ```compile_fail,E0308
/// # use nanotorch::prelude::*;
/// let image = Tensor::<R2<28, 28>>::zeros();
/// let pixel = image[[14, 14, 0]];
/// ```
pub struct Tensor<S: Shape, T: Element = f32> {
    /// Memory for all that the shape allows. What lies behind `length` is unspecified.
    block: Block<T>,
    /// How many numbers there are: `S::LEN`, unless the leading dimension is [`UpTo`](crate::shape::UpTo).
    length: usize,
    shape: PhantomData<S>,
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// Numbers, whatever they are, in as many rows as `like` has: to be written over.
    fn to_fill_like<U: Element>(like: &View<S, U>) -> Self {
        Tensor { block: Block::any(S::LEN), length: like.len(), shape: PhantomData }
    }

    /// The tensor as a view: what `&*tensor` is, too.
    #[inline(always)]
    pub fn view(&self) -> &View<S, T> {
        self
    }

    /// The tensor as a view, to be changed: what `&mut *tensor` is, too.
    #[inline(always)]
    pub fn view_mut(&mut self) -> &mut View<S, T> {
        self
    }

    /// The same numbers, in the same order, with another shape of as many. Nothing is copied.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let row = Tensor::<R1<6>>::arange(0.0, 1.0);
    /// let matrix = row.reshape::<R2<2, 3>>();
    /// assert_eq!(matrix[[1, 1]], 4.0);
    /// ```
    /// A shape of another number of elements doesn't compile:
    /// ```compile_fail,E0080
    /// # use nanotorch::prelude::*;
    /// Tensor::<R1<6>>::zeros().reshape::<R2<2, 4>>();
    /// ```
    /// With a leading [`UpTo`](crate::shape::UpTo) only the other axes can change.
    #[must_use]
    pub fn reshape<R: Shape>(self) -> Tensor<R, T> {
        const { view::can_become::<S, R>() };
        Tensor { block: self.block, length: self.length, shape: PhantomData }
    }

    /// Changes the number of rows, that is the length of a leading [`UpTo`](crate::shape::UpTo). Rows that are added are 0.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    ///
    /// let mut batch = Tensor::<(UpTo<4>, Const<2>)>::ones();
    /// batch.set_rows(3)?;
    /// assert_eq!(batch.dims().as_slice(), [3, 2]);
    /// let error = batch.set_rows(5).unwrap_err();
    /// assert_eq!(error.to_string(), "the shape [up to 4, 2] can't have 5 rows");
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// The shape doesn't allow so many; then nothing changes.
    pub fn set_rows(&mut self, rows: usize) -> Result<(), TensorError> {
        let allowed = if S::First::EXACT { rows == self.row_count() } else { rows <= S::First::N };
        if !allowed {
            return Err(TensorError::Rows { given: rows, shape: ShapeText::new::<S>() });
        }
        let (before, after) = (self.length, rows * <S::Rest as Shape>::LEN);
        if after > before {
            self.block.as_mut_slice()[before..after].fill(T::default());
        }
        self.length = after;
        Ok(())
    }
}

impl<S: Shape, T: Element> Deref for Tensor<S, T> {
    type Target = View<S, T>;
    #[inline(always)]
    fn deref(&self) -> &View<S, T> {
        let length = if S::First::EXACT { S::LEN } else { self.length };
        View::wrap(&self.block.as_slice()[..length])
    }
}

impl<S: Shape, T: Element> DerefMut for Tensor<S, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut View<S, T> {
        let length = if S::First::EXACT { S::LEN } else { self.length };
        View::wrap_mut(&mut self.block.as_mut_slice()[..length])
    }
}

impl<S: Shape, T: Element> Borrow<View<S, T>> for Tensor<S, T> {
    fn borrow(&self) -> &View<S, T> {
        self
    }
}

impl<S: Shape, T: Element> BorrowMut<View<S, T>> for Tensor<S, T> {
    fn borrow_mut(&mut self) -> &mut View<S, T> {
        self
    }
}

impl<S: Shape, T: Element> AsRef<[T]> for Tensor<S, T> {
    fn as_ref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<S: Shape, T: Element> AsMut<[T]> for Tensor<S, T> {
    fn as_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

impl<S: Shape, T: Element> Clone for Tensor<S, T> {
    fn clone(&self) -> Self {
        Tensor { block: self.block.clone(), length: self.length, shape: PhantomData }
    }

    /// Copies the numbers into the memory that is there.
    fn clone_from(&mut self, source: &Self) {
        self.block.as_mut_slice()[..source.len()].copy_from_slice(source.as_slice());
        self.length = source.length;
    }
}

impl<S: Shape, T: Element> Default for Tensor<S, T> {
    fn default() -> Self {
        Self::zeros()
    }
}

impl<S: Shape, T: Element> PartialEq for Tensor<S, T> {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

impl<S: Shape, T: Element> PartialEq<View<S, T>> for Tensor<S, T> {
    fn eq(&self, other: &View<S, T>) -> bool {
        self.view() == other
    }
}

impl<'a, S: Shape, T: Element> IntoIterator for &'a Tensor<S, T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, S: Shape, T: Element> IntoIterator for &'a mut Tensor<S, T> {
    type Item = &'a mut T;
    type IntoIter = core::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
