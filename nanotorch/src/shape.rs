//! Dimensions and shapes as types.
//!
//! A dimension is a type: [`Const<N>`](crate::extent::Const), or an expression over dimensions ([`Product`], [`Sum`], [`Axis`]) whose value is a
//! constant. A [`Shape`] is a tuple of dimensions, so every edge of a network has a type that the compiler computes.
//! Relations between shapes are *total*: [`Shape::WithLast`] of a scalar exists, and a dimension that isn't there is
//! [`Absent`]. Whether a shape makes sense for a layer is asked by value, in a constant, where the answer can be a sentence.
//!
//! What doesn't belong here: numbers in memory (see `tensor`), and what a layer wants (see `model`).

use core::marker::PhantomData;

use generic_array::{ArrayLength, GenericArray};
use typenum::{U0, U1, U2, U3, U4, U5, U6};

pub use crate::extent::{Const, Extent};

/// The most axes that a shape has.
pub const MAX_RANK: usize = 6;

/// A dimension: a length that is part of a type.
///
/// ```
/// use nanotorch::shape::{Const, Dim, Product};
/// assert_eq!(Product::<Const<16>, Const<4>>::N, 64);
/// ```
pub trait Dim: Copy + Send + Sync + 'static {
    /// The length. Of an [`UpTo`] the capacity; of [`Absent`] 0.
    const N: usize;
}

impl<const N: usize> Dim for Const<N> {
    const N: usize = N;
}

/// A dimension that isn't there, such as the last one of a scalar.
#[derive(Clone, Copy, Debug)]
pub struct Absent;

impl Dim for Absent {
    const N: usize = 0;
}

/// A length known at run time, at most `CAP`, which is known at compile time: the batch of a server, or the last, partial
/// batch of an epoch.
#[derive(Clone, Copy, Debug)]
pub struct UpTo<const CAP: usize>;

impl<const CAP: usize> Dim for UpTo<CAP> {
    const N: usize = CAP;
}

/// `A * B`.
#[derive(Clone, Copy, Debug)]
pub struct Product<A, B>(PhantomData<(A, B)>);

impl<A: Dim, B: Dim> Dim for Product<A, B> {
    const N: usize = A::N * B::N;
}

/// `A + B`.
#[derive(Clone, Copy, Debug)]
pub struct Sum<A, B>(PhantomData<(A, B)>);

impl<A: Dim, B: Dim> Dim for Sum<A, B> {
    const N: usize = A::N + B::N;
}

/// The length of axis `AXIS` of the shape `S`, 0 where it has no such axis.
#[derive(Clone, Copy, Debug)]
pub struct Axis<S, const AXIS: usize>(PhantomData<S>);

impl<S: Shape, const AXIS: usize> Dim for Axis<S, AXIS> {
    const N: usize = if AXIS < S::RANK { S::DIMS[AXIS] } else { 0 };
}

/// The number of elements of the shape `S`, as a dimension.
#[derive(Clone, Copy, Debug)]
pub struct Elements<S>(PhantomData<S>);

impl<S: Shape> Dim for Elements<S> {
    const N: usize = S::LEN;
}

/// A dimension usable as the leading, batch dimension: [`Const`] (always full) or [`UpTo`] (a length from 1 to the capacity).
pub trait Batch: Dim {
    /// What a kernel is given: a constant, or a number.
    type Rows: Extent;
    /// The number of samples `length` as rows, or `None` if this batch can't have that length.
    fn rows(length: usize) -> Option<Self::Rows>;
}

impl<const N: usize> Batch for Const<N> {
    type Rows = Const<N>;
    #[inline(always)]
    fn rows(length: usize) -> Option<Const<N>> {
        if length == N { Some(Const) } else { None }
    }
}

impl<const CAP: usize> Batch for UpTo<CAP> {
    type Rows = usize;
    #[inline(always)]
    fn rows(length: usize) -> Option<usize> {
        if length <= CAP { Some(length) } else { None }
    }
}

/// The lengths of a shape's axes, as a value that constants can compute with; axes beyond the rank are 0.
pub type Dims = [usize; MAX_RANK];

/// A shape: a tuple of zero to six dimensions, outermost first, stored row-major.
///
/// ```
/// use nanotorch::shape::{R3, Shape};
/// type Image = R3<1, 28, 28>;
/// assert_eq!((Image::RANK, Image::LEN), (3, 784));
/// assert_eq!(Image::dims().as_slice(), [1, 28, 28]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a shape",
    note = "a shape is a tuple of up to six dimensions, such as `R2<64, 784>`, `shape![64, 784]` or `(UpTo<64>, Const<784>)`"
)]
pub trait Shape: Copy + Send + Sync + 'static {
    /// The number of axes as a type, for arrays with one entry an axis.
    type Rank: ArrayLength;
    /// The number of axes.
    const RANK: usize;
    /// The length of each axis.
    const DIMS: Dims;
    /// The number of elements: the product of the lengths (1 for a scalar).
    const LEN: usize = length(&Self::DIMS, Self::RANK);
    /// The innermost dimension; [`Absent`] for a scalar.
    type Last: Dim;
    /// This shape with another innermost dimension; a scalar becomes a vector.
    type WithLast<D: Dim>: Shape;
    /// This shape behind one more, leading dimension. A shape of six axes keeps six: its first is merged into the new one.
    type Prepend<D: Dim>: Shape;

    /// The length of each axis, one entry an axis.
    fn dims() -> GenericArray<usize, Self::Rank> {
        GenericArray::from_iter(Self::DIMS.into_iter().take(Self::RANK))
    }

    /// How far apart neighbours along each axis lie, in elements.
    fn strides() -> GenericArray<usize, Self::Rank> {
        GenericArray::from_iter((0..Self::RANK).map(|axis| Self::DIMS[axis + 1..Self::RANK].iter().product()))
    }
}

const fn length(dims: &Dims, rank: usize) -> usize {
    let (mut axis, mut product) = (0, 1);
    while axis < rank {
        product *= dims[axis];
        axis += 1;
    }
    product
}

/// Whether two shapes have the same rank and the same lengths, whatever expressions gave them.
pub const fn same_shape<A: Shape, B: Shape>() -> bool {
    let mut axis = 0;
    while axis < MAX_RANK {
        if A::DIMS[axis] != B::DIMS[axis] {
            return false;
        }
        axis += 1;
    }
    A::RANK == B::RANK
}

/// The number of rows that a shape has when its last axis is taken as the columns.
pub const fn outer_length<S: Shape>() -> usize {
    length(&S::DIMS, S::RANK.saturating_sub(1))
}

impl Shape for () {
    type Rank = U0;
    const RANK: usize = 0;
    const DIMS: Dims = [0; MAX_RANK];
    type Last = Absent;
    type WithLast<D: Dim> = (D,);
    type Prepend<D: Dim> = (D,);
}

macro_rules! shape_of_tuple {
    ($rank:literal, $Rank:ty, [$($Outer:ident),*], $Last:ident, prepend: $Prepend:ty) => {
        impl<$($Outer: Dim,)* $Last: Dim> Shape for ($($Outer,)* $Last,) {
            type Rank = $Rank;
            const RANK: usize = $rank;
            const DIMS: Dims = {
                let mut dims = [0; MAX_RANK];
                let given = [$($Outer::N,)* $Last::N];
                let mut axis = 0;
                while axis < $rank {
                    dims[axis] = given[axis];
                    axis += 1;
                }
                dims
            };
            type Last = $Last;
            type WithLast<New: Dim> = ($($Outer,)* New,);
            type Prepend<New: Dim> = $Prepend;
        }
    };
}
shape_of_tuple!(1, U1, [], A, prepend: (New, A));
shape_of_tuple!(2, U2, [A], B, prepend: (New, A, B));
shape_of_tuple!(3, U3, [A, B], C, prepend: (New, A, B, C));
shape_of_tuple!(4, U4, [A, B, C], D, prepend: (New, A, B, C, D));
shape_of_tuple!(5, U5, [A, B, C, D], E, prepend: (New, A, B, C, D, E));
shape_of_tuple!(6, U6, [A, B, C, D, E], F, prepend: (Product<New, A>, B, C, D, E, F));

/// A scalar's shape.
pub type R0 = ();
/// A vector's shape.
pub type R1<const A: usize> = (Const<A>,);
/// A matrix's shape: rows, columns.
pub type R2<const A: usize, const B: usize> = (Const<A>, Const<B>);
/// A shape of three axes, such as channels, height, width.
pub type R3<const A: usize, const B: usize, const C: usize> = (Const<A>, Const<B>, Const<C>);
/// A shape of four axes, such as batch, channels, height, width.
pub type R4<const A: usize, const B: usize, const C: usize, const D: usize> =
    (Const<A>, Const<B>, Const<C>, Const<D>);
/// A shape of five axes, such as batch, channels, depth, height, width.
pub type R5<const A: usize, const B: usize, const C: usize, const D: usize, const E: usize> =
    (Const<A>, Const<B>, Const<C>, Const<D>, Const<E>);
/// A shape of six axes.
pub type R6<const A: usize, const B: usize, const C: usize, const D: usize, const E: usize, const F: usize> =
    (Const<A>, Const<B>, Const<C>, Const<D>, Const<E>, Const<F>);

/// The shape with the given lengths: `shape![64, 784]` is the type `R2<64, 784>`.
///
/// ```
/// use nanotorch::shape::{Shape, same_shape, R2};
/// assert!(same_shape::<nanotorch::shape![64, 28 * 28], R2<64, 784>>());
/// ```
#[macro_export]
macro_rules! shape {
    ($($length:expr),* $(,)?) => { ($($crate::shape::Const<{ $length }>,)*) };
}

/// Rewrites a shape's computed dimensions as plain constants, which keeps the types of a deep model short.
///
/// `#[model]` fills in the rank and the lengths where the shape is concrete; nobody writes it by hand.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Plain<
    const RANK: usize,
    const A: usize,
    const B: usize,
    const C: usize,
    const D: usize,
    const E: usize,
    const F: usize,
>;

/// The shape that a [`Plain`] stands for.
#[doc(hidden)]
pub trait PlainShape {
    /// The tuple of constants.
    type Shape: Shape;
}

macro_rules! plain_shape {
    ($rank:literal: $($Used:ident)*; $($Unused:ident)*) => {
        impl<$(const $Used: usize,)* $(const $Unused: usize,)*> PlainShape for Plain<$rank, $($Used,)* $($Unused,)*> {
            type Shape = ($(Const<$Used>,)*);
        }
    };
}
plain_shape!(0: ; A B C D E F);
plain_shape!(1: A; B C D E F);
plain_shape!(2: A B; C D E F);
plain_shape!(3: A B C; D E F);
plain_shape!(4: A B C D; E F);
plain_shape!(5: A B C D E; F);
plain_shape!(6: A B C D E F;);
