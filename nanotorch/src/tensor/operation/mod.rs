//! What there is to do with tensors beside keeping, indexing and printing them.
//!
//! A method is a check in a constant, then a [`Rule`](crate::rule::Rule). What variables of a tape can do, too, is a trait over
//! [`Numbers`]; the rest are methods of views.

mod axis;
mod check;
mod compare;
pub mod face;
mod function;
mod integer;
mod normalize;
mod operator;
mod order;
mod pick;
mod product;
mod rearrange;
mod reduce;
#[cfg(feature = "convolution")]
mod resample;
mod scalar;
#[doc(hidden)]
pub mod sum;
#[cfg(feature = "convolution")]
mod window;

use core::marker::PhantomData;

use super::{Tensor, TensorError, View};
use crate::element::Element;
use crate::shape::{Layout, Shape};
use crate::storage::Block;

pub use axis::{Append, Broadcast, Covers, HasAxes, HasAxis, Insert, Joins, MatMul, Resized, SwapLast};
pub(crate) use check::operands as check_operands;
pub use face::Numbers;
pub use function::Functions;
pub use normalize::Normalizations;
pub use operator::{Arithmetic, Combinations, Integer, Number};
pub use order::Reorder;
pub use pick::{Picked, PickedPlaces, Picks, PlaceNumber};
pub use product::Products;
pub use rearrange::Rearrangements;
pub use reduce::{Along, Reductions};
#[cfg(feature = "convolution")]
pub use resample::Resamplings;
#[cfg(feature = "convolution")]
pub use window::{Planes, Windows};

impl<S: Shape, T: Element> Tensor<S, T> {
    /// The same numbers under another name of their shape.
    fn with_shape<R: Shape>(self) -> Tensor<R, T> {
        Tensor::from_block(self.block, self.length)
    }

    /// Numbers, whatever they are: to be written over.
    fn to_fill() -> Self {
        Tensor { block: Block::any(S::LEN), length: S::LEN, shape: PhantomData }
    }

    /// The numbers of a block, as many as there are.
    pub(crate) fn from_block(block: Block<T>, length: usize) -> Self {
        if block.as_slice().len() >= S::LEN {
            return Tensor { block, length, shape: PhantomData };
        }
        // There are fewer rows than there may be.
        let mut whole = Block::zeros(S::LEN);
        whole.as_mut_slice()[..length].copy_from_slice(block.as_slice());
        Tensor { block: whole, length, shape: PhantomData }
    }

    /// As many numbers as there are, which the shape must allow.
    fn of_numbers(numbers: impl ExactSizeIterator<Item = T>) -> Self {
        let mut tensor = Tensor { length: numbers.len(), ..Self::zeros() };
        tensor.as_mut_slice().iter_mut().zip(numbers).for_each(|(to, number)| *to = number);
        tensor
    }
}

impl<S: Shape, T: Element> View<S, T> {
    /// `numbers` as a view, of the length that the shape says.
    pub(crate) fn of_length(numbers: &[T]) -> &Self {
        debug_assert!(Self::check(numbers.len()).is_ok(), "as many numbers as the shape has");
        Self::wrap(numbers)
    }
}

impl TensorError {
    fn index(at: &[usize], value: i64, length: usize) -> Self {
        Self::Index { at: Layout::new(at), value, length }
    }

    fn zero(at: &[usize]) -> Self {
        Self::Zero { at: Layout::new(at) }
    }
}
