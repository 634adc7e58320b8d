//! The same numbers in another arrangement: reshape, transpose, slice, concat and kin.

use core::marker::PhantomData;

use crate::computed::{Computed, ShapeFunction};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::message::Text;
use crate::model::{Fit, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::op::strided::{Strided, StridedDirection};
use crate::op::{Copy, concat};
use crate::shape::{Dims, Elements, MAX_RANK, Shape};

/// The same numbers under the shape `S`.
#[derive(Clone, Copy, Debug)]
pub struct Reshape<S>(PhantomData<S>);

impl<S> Default for Reshape<S> {
    fn default() -> Self {
        Reshape(PhantomData)
    }
}

/// The same numbers on one axis.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flatten;

macro_rules! alias {
    ([$($generic:tt)*] $Name:ty, out: $Out:ty, fit: $fit:expr, note: $note:expr) => {
        impl<A: Shape, $($generic)* T: Float> Operation<(A,), T> for $Name {
            type Out = $Out;
            const FIT: Fit = $fit;
            const NOTE: Text = $note;
            const FLOPS: usize = 0;
            const NEEDS: Needs = Needs { alias: true, ..Needs::NOTHING };
            const FORMULAS: Formulas =
                Formulas { value: &["reshape({0})"], edges: &[&["reshape({dy})"]], parameters: &[] };

            #[inline(always)]
            fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
                pass.device().run(Copy { x: x[0], y });
            }

            #[inline(always)]
            fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
                pass.device().run(Copy { x: edges.dy, y: &mut *edges.dx[0] });
            }
        }
    };
}
alias!(
    [S: Shape,] Reshape<S>,
    out: S,
    fit: if A::LEN == S::LEN {
        Fit::Fits
    } else {
        Fit::mismatch(
            Text::new("makes ").shape::<S>().text(", which is ").number(S::LEN).text(" numbers"),
            Text::EMPTY.shape::<A>().text(", which is ").number(A::LEN),
            Text::new("a reshape keeps the count: write lengths whose product is ").number(A::LEN),
        )
    },
    note: Text::EMPTY
);
alias!(
    [] Flatten,
    out: (Elements<A>,),
    fit: Fit::Fits,
    note: if A::RANK > 1 { Text::EMPTY.lengths::<A>(" x ") } else { Text::EMPTY }
);

/// Which numbers of an edge make a result, and in which order: element `i` along each axis of the result lies
/// `i * strides[axis]` behind `start`.
#[derive(Clone, Copy, Debug)]
pub struct Arrangement {
    rank: usize,
    dims: Dims,
    strides: Dims,
    start: usize,
    fit: Fit,
}

/// A way to pick numbers of an edge of the shape `A`.
pub trait Arrange<A: Shape>: core::marker::Copy + Default + Send + Sync + 'static {
    /// The way.
    const ARRANGEMENT: Arrangement;
}

/// The shape that an arrangement gives.
#[derive(Clone, Copy, Debug)]
pub struct Arranged<A, O>(PhantomData<(A, O)>);

impl<A: Shape, O: Arrange<A>> ShapeFunction for Arranged<A, O> {
    const RANK: usize = O::ARRANGEMENT.rank;
    const DIMS: Dims = O::ARRANGEMENT.dims;
}

impl Arrangement {
    /// The edge as it is.
    const fn of<A: Shape>() -> Arrangement {
        let mut strides = [0; MAX_RANK];
        let (mut axis, mut stride) = (A::RANK, 1);
        while axis > 0 {
            axis -= 1;
            strides[axis] = stride;
            stride *= A::DIMS[axis];
        }
        Arrangement { rank: A::RANK, dims: A::DIMS, strides, start: 0, fit: Fit::Fits }
    }

    const fn misfit<A: Shape>(self, takes: Text, fix: Text) -> Arrangement {
        Arrangement { fit: Fit::mismatch(takes, Text::EMPTY.shape::<A>(), fix), ..self }
    }

    const fn permuted<A: Shape>(axes: &[usize]) -> Arrangement {
        let edge = Arrangement::of::<A>();
        let each = Text::new("name each of its axes once; ").axes(A::RANK);
        if axes.len() != A::RANK {
            return edge.misfit::<A>(
                Text::new("orders ").number(axes.len()).text(if axes.len() == 1 { " axis" } else { " axes" }),
                each,
            );
        }
        let (mut moved, mut seen, mut axis) = (edge, [false; MAX_RANK], 0);
        while axis < A::RANK {
            let from = axes[axis];
            if from >= A::RANK {
                return edge.misfit::<A>(Text::new("names axis ").number(from), each);
            }
            if seen[from] {
                return edge.misfit::<A>(Text::new("names axis ").number(from).text(" twice"), each);
            }
            seen[from] = true;
            moved.dims[axis] = edge.dims[from];
            moved.strides[axis] = edge.strides[from];
            axis += 1;
        }
        moved
    }

    const fn transposed<A: Shape>(a: usize, b: usize) -> Arrangement {
        let mut axes = [0, 1, 2, 3, 4, 5];
        let larger = if a > b { a } else { b };
        if larger >= A::RANK {
            let takes = Text::new("exchanges axes ").number(a).text(" and ").number(b);
            return Arrangement::of::<A>().misfit::<A>(takes, Text::EMPTY.axes(A::RANK));
        }
        axes[a] = b;
        axes[b] = a;
        let (axes, _) = axes.split_at(A::RANK);
        Arrangement::permuted::<A>(axes)
    }

    const fn sliced<A: Shape>(axis: usize, start: usize, end: usize) -> Arrangement {
        let mut edge = Arrangement::of::<A>();
        if axis >= A::RANK || start >= end || end > A::DIMS[axis] {
            let takes =
                Text::new("takes ").number(start).text("..").number(end).text(" of axis ").number(axis);
            let fix = if axis >= A::RANK {
                Text::EMPTY.axes(A::RANK)
            } else if start >= end {
                Text::new("a range ends before its second number, which is larger than the first")
            } else {
                Text::new("that axis ends with ..").number(A::DIMS[axis])
            };
            return edge.misfit::<A>(takes, fix);
        }
        edge.start = start * edge.strides[axis];
        edge.dims[axis] = end - start;
        edge
    }

    const fn chunk<A: Shape>(axis: usize, index: usize, count: usize) -> Arrangement {
        if axis >= A::RANK || count == 0 || !A::DIMS[axis].is_multiple_of(count) {
            let takes =
                Text::new("splits axis ").number(axis).text(" into ").number(count).text(" equal parts");
            let fix = if axis >= A::RANK {
                Text::EMPTY.axes(A::RANK)
            } else {
                Text::new("that axis has length ")
                    .number(A::DIMS[axis])
                    .text("; write a divisor of it, or use `slice`")
            };
            let wrong = Arrangement::of::<A>().misfit::<A>(takes, fix);
            // All parts are wrong for one reason, which the first tells.
            return if index == 0 { wrong } else { Arrangement { fit: Fit::Unknown, ..wrong } };
        }
        let length = A::DIMS[axis] / count;
        Arrangement::sliced::<A>(axis, index * length, (index + 1) * length)
    }
}

macro_rules! arrange {
    ($(#[$doc:meta])* [$($generic:tt)*] $Name:ident $arguments:tt, $arrangement:expr) => {
        arrange!(@struct [$(#[$doc])*] [$($generic)*] $Name $arguments, $arrangement);
    };
    (@struct [$($doc:tt)*] [$($generic:tt)*] $Name:ident [$($argument:tt)*], $arrangement:expr) => {
        $($doc)*
        #[derive(Clone, core::marker::Copy, Debug, Default)]
        pub struct $Name<$($generic)*>;

        impl<A: Shape, $($generic)*> Arrange<A> for $Name<$($argument)*> {
            const ARRANGEMENT: Arrangement = $arrangement;
        }

        impl<A: Shape, T: Float, $($generic)*> Operation<(A,), T> for $Name<$($argument)*> {
            type Out = Computed<Arranged<A, Self>>;
            const FIT: Fit = <Self as Arrange<A>>::ARRANGEMENT.fit;
            const FLOPS: usize = 0;
            const NEEDS: Needs = Needs::NOTHING;
            const FORMULAS: Formulas =
                Formulas { value: &[], edges: &[&["{dy}, each number where it came from"]], parameters: &[] };

            #[inline(always)]
            fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
                let rows = pass.rows().get();
                pass.device().run(strided::<A, Self, T>(rows, StridedDirection::Gather { x: x[0], y }));
            }

            #[inline(always)]
            fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
                let rows = pass.rows().get();
                let dx = &mut *edges.dx[0];
                dx.fill(T::ZERO);
                pass.device().run(strided::<A, Self, T>(rows, StridedDirection::Scatter { y: edges.dy, x: dx }));
            }
        }
    };
}

arrange!(
    /// The axes `FIRST` and `SECOND` exchanged.
    [const FIRST: usize, const SECOND: usize] Transpose [FIRST, SECOND],
    Arrangement::transposed::<A>(FIRST, SECOND)
);
arrange!(
    /// The last two axes exchanged.
    [] TransposeLast [],
    if A::RANK < 2 {
        Arrangement::of::<A>()
            .misfit::<A>(Text::new("exchanges the last two axes"), Text::new("make a second one with `reshape`"))
    } else {
        Arrangement::transposed::<A>(A::RANK - 2, A::RANK - 1)
    }
);
arrange!(
    /// The axes in another order: axis `i` of the result is the `i`th of the `RANK` that are named.
    [const RANK: usize, const B: usize, const C: usize, const D: usize, const E: usize, const F: usize, const G: usize]
    Permute [RANK, B, C, D, E, F, G],
    {
        let axes = [B, C, D, E, F, G];
        let (axes, _) = axes.split_at(RANK);
        Arrangement::permuted::<A>(axes)
    }
);
arrange!(
    /// Elements `START` to `END`, without the last, along one axis.
    [const AXIS: usize, const START: usize, const END: usize] Slice [AXIS, START, END],
    Arrangement::sliced::<A>(AXIS, START, END)
);
arrange!(
    /// Part `INDEX` of `COUNT` equal ones along one axis.
    [const AXIS: usize, const INDEX: usize, const COUNT: usize] Chunk [AXIS, INDEX, COUNT],
    Arrangement::chunk::<A>(AXIS, INDEX, COUNT)
);

#[inline(always)]
fn strided<'a, A: Shape, O: Arrange<A>, T>(
    rows: usize,
    direction: StridedDirection<'a, T>,
) -> Strided<'a, T> {
    let Arrangement { rank, dims, strides, start, .. } = const { O::ARRANGEMENT };
    Strided { rows, sample: A::LEN, rank, dims, strides, start, direction }
}

/// Edges one behind the other along an axis that they have.
#[derive(Clone, core::marker::Copy, Debug, Default)]
pub struct Concat<const AXIS: usize>;

/// Edges of one shape one behind the other along a new axis.
#[derive(Clone, core::marker::Copy, Debug, Default)]
pub struct Stack<const AXIS: usize>;

/// The shape of edges side by side along an axis: a new one where `NEW`.
#[derive(Clone, core::marker::Copy, Debug)]
pub struct SideBySide<P, const AXIS: usize, const NEW: bool>(PhantomData<P>);

/// The shapes of edges as values: their number of axes, their axes.
pub trait Listed: core::marker::Copy + Send + Sync + 'static {
    /// For each edge its rank and lengths.
    const LIST: &'static [(usize, Dims)];
}

macro_rules! listed {
    ($($Edge:ident)+) => {
        impl<$($Edge: Shape),+> Listed for ($($Edge,)+) {
            const LIST: &'static [(usize, Dims)] = &[$(($Edge::RANK, $Edge::DIMS)),+];
        }
    };
}
listed!(A B);
listed!(A B C);
listed!(A B C D);

impl<P: Listed, const AXIS: usize, const NEW: bool> ShapeFunction for SideBySide<P, AXIS, NEW> {
    const RANK: usize = {
        let rank = P::LIST[0].0 + NEW as usize;
        if rank > MAX_RANK { MAX_RANK } else { rank }
    };
    const DIMS: Dims = {
        let (_, first) = P::LIST[0];
        let (mut dims, mut axis) = ([0; MAX_RANK], 0);
        while axis < Self::RANK {
            dims[axis] = if axis != AXIS {
                first[if NEW && axis > AXIS { axis - 1 } else { axis }]
            } else if NEW {
                P::LIST.len()
            } else {
                let (mut sum, mut edge) = (0, 0);
                while edge < P::LIST.len() {
                    sum += P::LIST[edge].1[axis];
                    edge += 1;
                }
                sum
            };
            axis += 1;
        }
        dims
    };
}

/// The edges must agree on every axis but that along which they are put together.
const fn side_by_side<P: Listed>(along: usize, new: bool) -> Fit {
    let (rank, first) = P::LIST[0];
    let mut edge = 0;
    while edge < P::LIST.len() {
        let (other_rank, other) = P::LIST[edge];
        let mut same = other_rank == rank && along < rank + new as usize && rank + (new as usize) <= MAX_RANK;
        let mut axis = 0;
        while axis < rank {
            same = same && (other[axis] == first[axis] || axis == along && !new);
            axis += 1;
        }
        if !same {
            let takes = if new {
                Text::new("takes edges of one shape, with an axis ").number(along).text(" to be made")
            } else {
                Text::new("takes edges that agree on all axes but ").number(along)
            };
            let given = Text::EMPTY.list(&first, rank).text(" and ").list(&other, other_rank);
            let fix = if along >= rank + new as usize {
                Text::EMPTY.axes(rank)
            } else {
                Text::new("make the other axes equal, with `slice` or `reshape`")
            };
            return Fit::mismatch(takes, given, fix);
        }
        edge += 1;
    }
    Fit::Fits
}

/// How many numbers of an edge lie side by side in the result: those from `axis` on.
const fn stretch<S: Shape>(axis: usize) -> usize {
    let (mut length, mut at) = (1, axis);
    while at < S::RANK {
        length *= S::DIMS[at];
        at += 1;
    }
    length
}

macro_rules! put_together {
    ($Name:ident, $new:literal, $($Edge:ident $name:ident)+) => {
        impl<$($Edge: Shape,)+ T: Float, const AXIS: usize> Operation<($($Edge,)+), T> for $Name<AXIS> {
            type Out = Computed<SideBySide<($($Edge,)+), AXIS, $new>>;
            const FIT: Fit = side_by_side::<($($Edge,)+)>(AXIS, $new);
            const FLOPS: usize = 0;
            const NEEDS: Needs = Needs::NOTHING;
            const FORMULAS: Formulas = Formulas {
                value: &[],
                edges: &[&["part 0 of {dy}"], &["part 1 of {dy}"], &["part 2 of {dy}"], &["part 3 of {dy}"]],
                parameters: &[],
            };

            #[inline(always)]
            fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
                let lengths = const { [$(stretch::<$Edge>(AXIS)),+] };
                pass.device().run(concat::Concat { parts: x, lengths: &lengths, y });
            }

            #[inline(always)]
            fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
                let lengths = const { [$(stretch::<$Edge>(AXIS)),+] };
                pass.device().run(concat::Split { x: edges.dy, lengths: &lengths, parts: edges.dx });
            }
        }
    };
}
put_together!(Concat, false, A a B b);
put_together!(Concat, false, A a B b C c);
put_together!(Concat, false, A a B b C c D d);
put_together!(Stack, true, A a B b);
put_together!(Stack, true, A a B b C c);
put_together!(Stack, true, A a B b C c D d);
