//! Several edges as one, and one of several: inputs and outputs of models that have more than one.

use crate::computed::{Computed, Joined, ShapeFunction};
use crate::device::{Device, Pass};
use crate::element::Float;
use crate::extent::Extent;
use crate::message::{Text, edges_of};
use crate::model::{Fit, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::op::Copy;
use crate::shape::{Dims, MAX_RANK, Shape};

/// The batches of all edges, one behind the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Join;

macro_rules! join {
    ($($Edge:ident)+, $formula:literal) => {
        impl<$($Edge: Shape,)+ T: Float> Operation<($($Edge,)+), T> for Join {
            type Out = Joined<($($Edge,)+)>;
            const FLOPS: usize = 0;
            const NEEDS: Needs = Needs::NOTHING;
            const FORMULAS: Formulas = Formulas {
                value: &[$formula],
                edges: &[&["{dy}.0"], &["{dy}.1"], &["{dy}.2"], &["{dy}.3"]],
                parameters: &[],
            };

            #[inline(always)]
            fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], mut y: &mut [T], _: Memory<'_, T>) {
                for &x in x {
                    let (part, rest) = y.split_at_mut(x.len());
                    pass.device().run(Copy { x, y: part });
                    y = rest;
                }
            }

            #[inline(always)]
            fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
                let rows = pass.rows().get();
                let mut dy = &*edges.dy;
                for (dx, length) in edges.dx.iter_mut().zip([$($Edge::LEN),+]) {
                    let (part, rest) = dy.split_at(rows * length);
                    if !dx.is_empty() {
                        pass.device().run(Copy { x: part, y: &mut **dx });
                    }
                    dy = rest;
                }
            }
        }
    };
}
join!(A, "({0},)");
join!(A B, "({0}, {1})");
join!(A B C, "({0}, {1}, {2})");
join!(A B C D, "({0}, {1}, {2}, {3})");

/// Edge `INDEX` of the `COUNT` that are joined; `FIRST` is the one that says so if there are more or fewer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part<const INDEX: usize, const COUNT: usize, const FIRST: bool>;

/// The shape of a part: its axes where the compiler knows them.
#[derive(Clone, Copy, Debug)]
pub struct PartOf<S, const INDEX: usize>(core::marker::PhantomData<S>);

impl<S: Shape, const INDEX: usize> ShapeFunction for PartOf<S, INDEX> {
    const RANK: usize = if INDEX < 4 { S::PART_RANKS[INDEX] } else { 0 };
    const DIMS: Dims = if INDEX < 4 { S::PART_DIMS[INDEX] } else { [0; MAX_RANK] };
}

impl<A: Shape, T: Float, const INDEX: usize, const COUNT: usize, const FIRST: bool> Operation<(A,), T>
    for Part<INDEX, COUNT, FIRST>
{
    type Out = Computed<PartOf<A, INDEX>>;
    const TAKES_SEVERAL: bool = true;
    const FIT: Fit = if edges_of::<A>() == COUNT {
        Fit::Fits
    } else if !FIRST {
        Fit::Unknown
    } else {
        let names = Text::new("names ").counted(COUNT, "edge");
        let given = Text::EMPTY.counted(edges_of::<A>(), "edge").text(", ").shape::<A>();
        Fit::mismatch(names, given, Text::new("give each of them a name, or `_`"))
    };
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs::NOTHING;
    const FORMULAS: Formulas =
        Formulas { value: &[], edges: &[&["{dy}, 0 for the other edges"]], parameters: &[] };

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
        let start = pass.rows().get() * start::<A>(INDEX);
        pass.device().run(Copy { x: &x[0][start..][..y.len()], y });
    }

    #[inline(always)]
    fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
        let start = pass.rows().get() * start::<A>(INDEX);
        let dx = &mut *edges.dx[0];
        dx.fill(T::ZERO);
        pass.device().run(Copy { x: edges.dy, y: &mut dx[start..][..edges.dy.len()] });
    }
}

const fn start<S: Shape>(index: usize) -> usize {
    let (mut part, mut start) = (0, 0);
    while part < index {
        start += S::PARTS[part];
        part += 1;
    }
    start
}
