//! Dimensions and shapes as types.
//!
//! A dimension is a type: [`Const<N>`](crate::extent::Const), or an expression over dimensions ([`Product`], [`Sum`], [`Axis`]) whose value is a
//! constant. A [`Shape`] is a tuple of dimensions, so every edge of a network has a type that the compiler computes.
//! Relations between shapes are *total*: [`Shape::WithLast`] of a scalar exists, and a dimension that isn't there is
//! [`Absent`]. Whether a shape makes sense for a layer is asked by value, in a constant, where the answer can be a sentence.
//!
//! What doesn't belong here: numbers in memory (see `tensor`), and what a layer wants (see `model`).

mod layout;

use core::fmt::Debug;
use core::marker::PhantomData;

use generic_array::{ArrayLength, GenericArray};
use typenum::{U0, U1, U2, U3, U4, U5, U6};

pub use crate::extent::{Const, Extent};
pub use layout::{Layout, Signed};

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
    /// Whether there are always exactly [`N`](Dim::N), and not only at most, as with [`UpTo`].
    const EXACT: bool = true;
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
    const EXACT: bool = false;
}

/// `A * B`.
#[derive(Clone, Copy, Debug)]
pub struct Product<A, B>(PhantomData<(A, B)>);

impl<A: Dim, B: Dim> Dim for Product<A, B> {
    const N: usize = A::N * B::N;
    const EXACT: bool = A::EXACT && B::EXACT;
}

/// `A + B`.
#[derive(Clone, Copy, Debug)]
pub struct Sum<A, B>(PhantomData<(A, B)>);

impl<A: Dim, B: Dim> Dim for Sum<A, B> {
    const N: usize = A::N + B::N;
    const EXACT: bool = A::EXACT && B::EXACT;
}

/// The length of axis `AXIS` of the shape `S`, 0 where it has no such axis.
#[derive(Clone, Copy, Debug)]
pub struct Axis<S, const AXIS: usize>(PhantomData<S>);

impl<S: Shape, const AXIS: usize> Dim for Axis<S, AXIS> {
    const N: usize = if AXIS < S::RANK { S::DIMS[AXIS] } else { 0 };
    const EXACT: bool = AXIS > 0 || <S::First as Dim>::EXACT;
}

/// The number of elements of the shape `S`, as a dimension.
#[derive(Clone, Copy, Debug)]
pub struct Elements<S>(PhantomData<S>);

impl<S: Shape> Dim for Elements<S> {
    const N: usize = S::LEN;
    const EXACT: bool = <S::First as Dim>::EXACT;
}

/// A dimension usable as the leading, batch dimension: [`Const`] (always full) or [`UpTo`] (a length from 1 to the capacity).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no batch",
    note = "write `Const<32>` for batches that are always full, `UpTo<32>` for 1 to 32 samples"
)]
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
    /// One number an axis as a plain array, such as `[usize; 2]`: the place of an element.
    type Index: Copy
        + Debug
        + Default
        + PartialEq
        + AsRef<[usize]>
        + AsMut<[usize]>
        + From<GenericArray<usize, Self::Rank>>
        + Into<GenericArray<usize, Self::Rank>>
        + Send
        + Sync
        + 'static;
    /// The number of axes.
    const RANK: usize;
    /// The length of each axis.
    const DIMS: Dims;
    /// The number of elements: the product of the lengths (1 for a scalar).
    const LEN: usize = length(&Self::DIMS, Self::RANK);
    /// The lengths of the shapes that are joined in it, if it is made of several; else its own length alone.
    const PARTS: [usize; 4] = [Self::LEN, 0, 0, 0];
    /// The axes of each of those shapes.
    const PART_DIMS: [Dims; 4] = [Self::DIMS, [0; MAX_RANK], [0; MAX_RANK], [0; MAX_RANK]];
    /// The number of axes of each of those shapes.
    const PART_RANKS: [usize; 4] = [Self::RANK, 0, 0, 0];
    /// The outermost dimension; [`Absent`] for a scalar.
    type First: Dim;
    /// This shape without its outermost dimension: what one row of it has. A scalar's is a scalar.
    type Rest: Shape;
    /// The innermost dimension; [`Absent`] for a scalar.
    type Last: Dim;
    /// This shape with another innermost dimension; a scalar becomes a vector.
    type WithLast<D: Dim>: Shape;
    /// This shape behind one more, leading dimension. A shape of six axes keeps six: its first is merged into the new one.
    type Prepend<D: Dim>: Shape;

    /// The length of each axis, one entry an axis.
    fn dims() -> GenericArray<usize, Self::Rank> {
        let mut dims = GenericArray::default();
        dims.copy_from_slice(lengths::<Self>());
        dims
    }

    /// How far apart neighbours along each axis lie, in elements.
    fn strides() -> GenericArray<usize, Self::Rank> {
        GenericArray::from_iter((0..Self::RANK).map(|axis| Self::DIMS[axis + 1..Self::RANK].iter().product()))
    }
}

/// The length of each axis of a shape, as a slice.
pub(crate) const fn lengths<S: Shape>() -> &'static [usize] {
    const { &S::DIMS }.split_at(S::RANK).0
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
    let mut part = 0;
    while part < 4 {
        if A::PARTS[part] != B::PARTS[part] {
            return false;
        }
        part += 1;
    }
    let mut axis = 0;
    while axis < MAX_RANK {
        if A::DIMS[axis] != B::DIMS[axis] {
            return false;
        }
        axis += 1;
    }
    A::RANK == B::RANK
}

/// Whether the length of every axis is known to the compiler: no [`UpTo`] is among them.
pub const fn is_exact<S: Shape>() -> bool {
    const fn outer<S: Shape>() -> bool {
        S::RANK == 0 || <S::First as Dim>::EXACT
    }
    type Rest<S> = <S as Shape>::Rest;
    // Written out, as the rests of a computed shape never come to an end.
    outer::<S>()
        && outer::<Rest<S>>()
        && outer::<Rest<Rest<S>>>()
        && outer::<Rest<Rest<Rest<S>>>>()
        && outer::<Rest<Rest<Rest<Rest<S>>>>>()
        && outer::<Rest<Rest<Rest<Rest<Rest<S>>>>>>()
}

/// The number of rows that a shape has when its last axis is taken as the columns.
pub const fn outer_length<S: Shape>() -> usize {
    length(&S::DIMS, S::RANK.saturating_sub(1))
}

impl Shape for () {
    type Rank = U0;
    type Index = [usize; 0];
    const RANK: usize = 0;
    const DIMS: Dims = [0; MAX_RANK];
    type First = Absent;
    type Rest = ();
    type Last = Absent;
    type WithLast<D: Dim> = (D,);
    type Prepend<D: Dim> = (D,);
}

macro_rules! shape_of_tuple {
    ($rank:literal, $Rank:ty, [$($Outer:ident),*], $Last:ident, first: $First:ident, rest: $Rest:ty, prepend: $Prepend:ty) => {
        impl<$($Outer: Dim,)* $Last: Dim> Shape for ($($Outer,)* $Last,) {
            type Rank = $Rank;
            type Index = [usize; $rank];
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
            type First = $First;
            type Rest = $Rest;
            type Last = $Last;
            type WithLast<New: Dim> = ($($Outer,)* New,);
            type Prepend<New: Dim> = $Prepend;
        }
    };
}
shape_of_tuple!(1, U1, [], A, first: A, rest: (), prepend: (New, A));
shape_of_tuple!(2, U2, [A], B, first: A, rest: (B,), prepend: (New, A, B));
shape_of_tuple!(3, U3, [A, B], C, first: A, rest: (B, C), prepend: (New, A, B, C));
shape_of_tuple!(4, U4, [A, B, C], D, first: A, rest: (B, C, D), prepend: (New, A, B, C, D));
shape_of_tuple!(5, U5, [A, B, C, D], E, first: A, rest: (B, C, D, E), prepend: (New, A, B, C, D, E));
shape_of_tuple!(6, U6, [A, B, C, D, E], F, first: A, rest: (B, C, D, E, F), prepend: (Product<New, A>, B, C, D, E, F));

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

#[cfg(test)]
mod tests {
    use super::*;

    fn check<S: Shape>(dims: &[usize], strides: &[usize]) {
        assert_eq!((S::RANK, S::LEN), (dims.len(), dims.iter().product()));
        assert_eq!((S::dims().as_slice(), S::strides().as_slice()), (dims, strides));
        assert!(S::DIMS[S::RANK..].iter().all(|&dim| dim == 0));
        assert_eq!(S::Index::default().as_ref().len(), S::RANK);
        assert_eq!((S::First::N, S::Last::N), (S::DIMS[0], dims.last().copied().unwrap_or(0)));
        assert_eq!(S::Rest::dims().as_slice(), dims.get(1..).unwrap_or(&[]));
        assert_eq!(outer_length::<S>(), dims.split_last().map_or(1, |(_, outer)| outer.iter().product()));
        assert!(is_exact::<S>() && same_shape::<S, S>());
    }

    #[test]
    fn every_rank_has_its_lengths_and_strides() {
        check::<R0>(&[], &[]);
        check::<R1<7>>(&[7], &[1]);
        check::<R2<64, 784>>(&[64, 784], &[784, 1]);
        check::<R3<2, 3, 4>>(&[2, 3, 4], &[12, 4, 1]);
        check::<R4<2, 3, 4, 5>>(&[2, 3, 4, 5], &[60, 20, 5, 1]);
        check::<R5<1, 2, 3, 4, 5>>(&[1, 2, 3, 4, 5], &[120, 60, 20, 5, 1]);
        check::<R6<6, 1, 2, 3, 4, 5>>(&[6, 1, 2, 3, 4, 5], &[120, 120, 60, 20, 5, 1]);
        check::<shape![]>(&[], &[]);
        check::<shape![2, 28 * 28,]>(&[2, 784], &[784, 1]);
        check::<R2<3, 0>>(&[3, 0], &[0, 1]);
        // As lengths of a size that no table of numbers would hold.
        check::<R2<1_000_003, 4_099>>(&[1_000_003, 4_099], &[4_099, 1]);
    }

    #[test]
    fn relations_are_total() {
        assert!(same_shape::<<R0 as Shape>::WithLast<Const<5>>, R1<5>>());
        assert!(same_shape::<<R3<2, 3, 4> as Shape>::WithLast<Const<5>>, R3<2, 3, 5>>());
        assert!(same_shape::<<R0 as Shape>::Prepend<Const<5>>, R1<5>>());
        assert!(same_shape::<<R5<1, 2, 3, 4, 5> as Shape>::Prepend<Const<9>>, R6<9, 1, 2, 3, 4, 5>>());
        assert!(same_shape::<<R6<2, 2, 3, 4, 5, 6> as Shape>::Prepend<Const<9>>, R6<18, 2, 3, 4, 5, 6>>());
        assert!(same_shape::<<R0 as Shape>::Rest, R0>());
        assert!(!same_shape::<R1<1>, R0>());
        assert!(!same_shape::<R2<2, 3>, R2<3, 2>>());
        // A length of 0 isn't an axis that is missing.
        assert!(!same_shape::<R2<2, 0>, R1<2>>());
    }

    #[test]
    fn expressions_have_values() {
        assert_eq!(Product::<Const<3>, Sum<Const<4>, Const<5>>>::N, 27);
        assert_eq!(Elements::<R3<2, 3, 4>>::N, 24);
        assert_eq!((Axis::<R3<2, 3, 4>, 1>::N, Axis::<R3<2, 3, 4>, 3>::N, Absent::N), (3, 0, 0));
        assert!(same_shape::<(Product<Const<2>, Const<3>>, Axis<R1<4>, 0>), R2<6, 4>>());
        assert!(same_shape::<<Plain<3, 2, 3, 4, 0, 0, 0> as PlainShape>::Shape, R3<2, 3, 4>>());
    }

    #[test]
    fn only_up_to_is_inexact() {
        type Batch = (UpTo<8>, Const<3>);
        assert_eq!((Batch::LEN, Batch::DIMS[0], is_exact::<Batch>()), (24, 8, false));
        assert!(is_exact::<<Batch as Shape>::Rest>());
        assert!(!is_exact::<(Const<2>, UpTo<3>)>());
        assert_eq!([Product::<UpTo<8>, Const<3>>::EXACT, Sum::<Const<1>, UpTo<3>>::EXACT], [false; 2]);
        assert_eq!([Axis::<Batch, 0>::EXACT, Axis::<Batch, 1>::EXACT], [false, true]);
        assert!(!is_exact::<(Elements<Batch>,)>());
        assert_eq!((UpTo::<8>::rows(8), UpTo::<8>::rows(9)), (Some(8), None));
        assert_eq!((Const::<8>::rows(8), Const::<8>::rows(7)), (Some(Const), None));
    }

    #[test]
    fn indices_are_arrays_of_either_kind() {
        let index: GenericArray<usize, <R2<4, 5> as Shape>::Rank> = [1, 2].into();
        let plain: <R2<4, 5> as Shape>::Index = index.into();
        assert_eq!(plain, [1, 2]);
    }
}
