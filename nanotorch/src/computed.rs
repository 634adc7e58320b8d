//! Shapes that constants work out: of transposed, joined, reduced edges.
//!
//! A forward function makes shapes that no tuple of dimensions can be written for in advance. Here their lengths are values of
//! constants; where a model is concrete, `#[model]` turns them back into plain tuples.

use core::marker::PhantomData;

use generic_array::GenericArray;
use typenum::{U0, U6};

use crate::shape::{Absent, Dim, Dims, MAX_RANK, Shape};

/// A shape that a constant function of other shapes works out, such as that of a transposed edge.
pub trait ShapeFunction: Copy + Send + Sync + 'static {
    /// The number of axes.
    const RANK: usize;
    /// The length of each axis.
    const DIMS: Dims;
}

/// The shape that a [`ShapeFunction`] works out.
#[derive(Clone, Copy, Debug)]
pub struct Computed<F>(PhantomData<F>);

/// The innermost dimension of a [`Computed`] shape.
#[derive(Clone, Copy, Debug)]
pub struct LastOf<F>(PhantomData<F>);

impl<F: ShapeFunction> Dim for LastOf<F> {
    const N: usize = if F::RANK > 0 { F::DIMS[F::RANK - 1] } else { 0 };
}

/// The outermost dimension of a [`Computed`] shape.
#[derive(Clone, Copy, Debug)]
pub struct FirstOf<F>(PhantomData<F>);

impl<F: ShapeFunction> Dim for FirstOf<F> {
    const N: usize = F::DIMS[0];
}

/// A computed shape without its outermost dimension.
#[derive(Clone, Copy, Debug)]
pub struct RestOf<F>(PhantomData<F>);

impl<F: ShapeFunction> ShapeFunction for RestOf<F> {
    const RANK: usize = F::RANK.saturating_sub(1);
    const DIMS: Dims = {
        let [_, a, b, c, d, e] = F::DIMS;
        [a, b, c, d, e, 0]
    };
}

/// A computed shape with another innermost dimension.
#[derive(Clone, Copy, Debug)]
pub struct ReplacedLast<F, D>(PhantomData<(F, D)>);

impl<F: ShapeFunction, D: Dim> ShapeFunction for ReplacedLast<F, D> {
    const RANK: usize = if F::RANK > 0 { F::RANK } else { 1 };
    const DIMS: Dims = {
        let mut dims = F::DIMS;
        dims[Self::RANK - 1] = D::N;
        dims
    };
}

/// A computed shape behind one more, leading dimension.
#[derive(Clone, Copy, Debug)]
pub struct Prepended<F, D>(PhantomData<(F, D)>);

impl<F: ShapeFunction, D: Dim> ShapeFunction for Prepended<F, D> {
    const RANK: usize = if F::RANK < MAX_RANK { F::RANK + 1 } else { MAX_RANK };
    const DIMS: Dims = {
        let mut dims = F::DIMS;
        if F::RANK < MAX_RANK {
            let mut axis = F::RANK;
            while axis > 0 {
                dims[axis] = dims[axis - 1];
                axis -= 1;
            }
            dims[0] = D::N;
        } else {
            dims[0] *= D::N;
        }
        dims
    };
}

// How many axes there are is only known as a value here, so `dims` and `strides` have room for the most, filled with zeros.
impl<F: ShapeFunction> Shape for Computed<F> {
    type Rank = U6;
    type Index = [usize; MAX_RANK];
    const RANK: usize = F::RANK;
    const DIMS: Dims = F::DIMS;
    type First = FirstOf<F>;
    type Rest = Computed<RestOf<F>>;
    type Last = LastOf<F>;
    type WithLast<D: Dim> = Computed<ReplacedLast<F, D>>;
    type Prepend<D: Dim> = Computed<Prepended<F, D>>;
    fn dims() -> GenericArray<usize, U6> {
        GenericArray::from_array(F::DIMS)
    }
    fn strides() -> GenericArray<usize, U6> {
        let mut strides = [0; MAX_RANK];
        for (axis, stride) in strides.iter_mut().enumerate().take(F::RANK) {
            *stride = F::DIMS[axis + 1..F::RANK].iter().product();
        }
        GenericArray::from_array(strides)
    }
}

/// Several shapes as one, for models with several inputs or outputs: the batch of the first, then that of the second, and so on.
///
/// It has a length, but no axes; layers that look at axes say that they can't take it.
#[derive(Clone, Copy, Debug)]
pub struct Joined<P>(PhantomData<P>);

/// The shapes that are joined: a tuple of one to four.
pub trait Parts: Copy + Send + Sync + 'static {
    /// The number of elements of each; 0 beyond the last.
    const LENGTHS: [usize; 4];
    /// The axes of each.
    const DIMS: [Dims; 4];
    /// The number of axes of each.
    const RANKS: [usize; 4];
}

macro_rules! parts_of_tuple {
    ($($Part:ident)+) => {
        impl<$($Part: Shape),+> Parts for ($($Part,)+) {
            const LENGTHS: [usize; 4] = {
                let given = [$($Part::LEN),+];
                let mut lengths = [0; 4];
                let mut part = 0;
                while part < given.len() {
                    lengths[part] = given[part];
                    part += 1;
                }
                lengths
            };
            const DIMS: [Dims; 4] = {
                let given = [$($Part::DIMS),+];
                let mut dims = [[0; MAX_RANK]; 4];
                let mut part = 0;
                while part < given.len() {
                    dims[part] = given[part];
                    part += 1;
                }
                dims
            };
            const RANKS: [usize; 4] = {
                let given = [$($Part::RANK),+];
                let mut ranks = [0; 4];
                let mut part = 0;
                while part < given.len() {
                    ranks[part] = given[part];
                    part += 1;
                }
                ranks
            };
        }
    };
}
parts_of_tuple!(A);
parts_of_tuple!(A B);
parts_of_tuple!(A B C);
parts_of_tuple!(A B C D);

impl<P: Parts> Shape for Joined<P> {
    type Rank = U0;
    type Index = [usize; 0];
    const RANK: usize = 0;
    const DIMS: Dims = [0; MAX_RANK];
    const LEN: usize = P::LENGTHS[0] + P::LENGTHS[1] + P::LENGTHS[2] + P::LENGTHS[3];
    const PARTS: [usize; 4] = P::LENGTHS;
    const PART_DIMS: [Dims; 4] = P::DIMS;
    const PART_RANKS: [usize; 4] = P::RANKS;
    type First = Absent;
    type Rest = ();
    type Last = Absent;
    type WithLast<D: Dim> = (D,);
    type Prepend<D: Dim> = (D,);
}
