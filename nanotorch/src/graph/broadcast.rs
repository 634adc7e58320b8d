//! NumPy's rules of broadcasting: shapes are aligned at the last axis, and an axis of length 1, or one that isn't there, is
//! repeated.

use core::marker::PhantomData;

use crate::computed::ShapeFunction;
use crate::element::Float;
use crate::message::Text;
use crate::model::Fit;
use crate::shape::{Dims, MAX_RANK, Shape};
use crate::simd::{Scalar, Vector, VectorOf};

/// The shape of two edges together: on each axis the longer length.
#[derive(Clone, Copy, Debug)]
pub struct Broadcast<A, B>(PhantomData<(A, B)>);

impl<A: Shape, B: Shape> ShapeFunction for Broadcast<A, B> {
    const RANK: usize = if A::RANK > B::RANK { A::RANK } else { B::RANK };
    const DIMS: Dims = {
        let mut dims = [0; MAX_RANK];
        let mut axis = 0;
        while axis < Self::RANK {
            let (a, b) = (aligned::<A>(Self::RANK, axis), aligned::<B>(Self::RANK, axis));
            dims[axis] = if a > b { a } else { b };
            axis += 1;
        }
        dims
    };
}

/// The length of a shape on an axis of a shape of `rank` axes; 1 where it has no such axis.
const fn aligned<S: Shape>(rank: usize, axis: usize) -> usize {
    if axis + S::RANK < rank { 1 } else { S::DIMS[axis + S::RANK - rank] }
}

/// Whether the shapes can be broadcast to one.
pub(crate) const fn fit<A: Shape, B: Shape>() -> Fit {
    let rank = if A::RANK > B::RANK { A::RANK } else { B::RANK };
    let mut axis = 0;
    while axis < rank {
        let (a, b) = (aligned::<A>(rank, axis), aligned::<B>(rank, axis));
        if a != b && a != 1 && b != 1 {
            return Fit::mismatch(
                Text::new("takes edges of one shape, or with axes of length 1 to repeat"),
                Text::EMPTY.shape::<A>().text(" and ").shape::<B>(),
                fix::<A, B>(a, b),
            );
        }
        axis += 1;
    }
    Fit::Fits
}

/// What to do about the lengths `a` and `b` that meet: if one edge has the first axes of the other, axes of length 1 are missing
/// behind them.
const fn fix<A: Shape, B: Shape>(a: usize, b: usize) -> Text {
    if begins_with::<A, B>() {
        return Text::new("shapes are aligned at the last axis: reshape the second to ")
            .list(&padded::<B>(), A::RANK);
    }
    if begins_with::<B, A>() {
        return Text::new("shapes are aligned at the last axis: reshape the first to ")
            .list(&padded::<A>(), B::RANK);
    }
    Text::new("make ").number(a).text(" and ").number(b).text(" equal, or one of them 1")
}

/// Whether `A` has more axes than `B`, and begins with all of them.
const fn begins_with<A: Shape, B: Shape>() -> bool {
    let (mut same, mut axis) = (A::RANK > B::RANK, 0);
    while axis < B::RANK {
        same = same && A::DIMS[axis] == B::DIMS[axis];
        axis += 1;
    }
    same
}

/// The lengths of a shape, with axes of length 1 behind them.
const fn padded<S: Shape>() -> Dims {
    let (mut dims, mut axis) = (S::DIMS, S::RANK);
    while axis < MAX_RANK {
        dims[axis] = 1;
        axis += 1;
    }
    dims
}

/// Whether `S` is how `A` ends, so that `A` is a row of `S`es, and the broadcast result.
pub(crate) const fn is_suffix<S: Shape, A: Shape>() -> bool {
    if S::RANK > A::RANK || S::LEN == 0 {
        return false;
    }
    let mut axis = 0;
    while axis < S::RANK {
        if S::DIMS[axis] != A::DIMS[axis + A::RANK - S::RANK] {
            return false;
        }
        axis += 1;
    }
    true
}

/// How far apart neighbours on each axis of the result lie in an operand: 0 where it is repeated.
const fn strides<S: Shape, R: ShapeFunction>() -> Dims {
    let mut strides = [0; MAX_RANK];
    let (mut axis, mut stride) = (R::RANK, 1);
    while axis > 0 {
        axis -= 1;
        let length = aligned::<S>(R::RANK, axis);
        strides[axis] = if length == 1 { 0 } else { stride };
        stride *= length;
    }
    strides
}

/// Calls `visit` with the positions in both operands of each element of a sample's result, in order.
#[inline(always)]
pub(crate) fn positions<A: Shape, B: Shape>(mut visit: impl FnMut(usize, usize)) {
    let (rank, dims) = (Broadcast::<A, B>::RANK, Broadcast::<A, B>::DIMS);
    let (a, b) = const { (strides::<A, Broadcast<A, B>>(), strides::<B, Broadcast<A, B>>()) };
    let mut index = [0; MAX_RANK];
    let (mut in_a, mut in_b) = (0, 0);
    loop {
        visit(in_a, in_b);
        let mut axis = rank;
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            in_a += a[axis];
            in_b += b[axis];
            if index[axis] < dims[axis] {
                break;
            }
            in_a -= a[axis] * dims[axis];
            in_b -= b[axis] * dims[axis];
            index[axis] = 0;
        }
    }
}

/// A function of one element of each operand.
#[inline(always)]
pub(crate) fn single<T: Float>(
    f: impl Fn(VectorOf<Scalar, T>, VectorOf<Scalar, T>) -> VectorOf<Scalar, T>,
    a: T,
    b: T,
) -> T {
    f(VectorOf::<Scalar, T>::splat(Scalar, a), VectorOf::<Scalar, T>::splat(Scalar, b)).sum()
}
