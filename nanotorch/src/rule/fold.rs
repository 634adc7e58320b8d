//! One number of many along an axis: sum, mean, product, extremes.
//!
//! Sums are added in pairs of pairs: consecutive numbers by [`crate::kernel::reduce`], rows in blocks whose totals are added in
//! pairs. So the rounding error grows with the logarithm of the length.

use alloc::rc::Rc;

use super::{Arrange, Combine, Derived, Edges, Graph, Kind, Layout, MAX_OPERANDS, Moved, Places, Room, Rule};
use crate::element::Float;
use crate::graph::Multiply;
use crate::kernel::map::{BinaryMap, zip_in_place};
use crate::kernel::reduce;
use crate::simd::{Simd, Vector, WithSimd, dispatch};

/// A way to make one number of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// The sum.
    Sum,
    /// The mean.
    Mean,
    /// The product.
    Product,
    /// The largest; NaN where there is one.
    Max,
    /// The smallest; NaN where there is one.
    Min,
}

/// `y[o, i] = reduce over l of x[o, l, i]`.
#[derive(Clone, Copy, Debug)]
pub struct Fold {
    reduction: Reduction,
    operand: Layout,
    result: Layout,
    size: (usize, usize, usize),
}

/// Rows that are added one after the other before totals are added in pairs.
const BLOCK: usize = 64;

impl Fold {
    /// Along one axis; the result has the shape `result`, with the axis or without.
    pub fn along(reduction: Reduction, operand: Layout, axis: usize, result: Layout) -> Self {
        Fold { reduction, operand, result, size: operand.around(axis) }
    }

    /// Over all elements.
    pub fn all(reduction: Reduction, operand: Layout) -> Self {
        Fold { reduction, operand, result: Layout::SCALAR, size: (1, operand.len(), 1) }
    }

    /// How many rows of totals are waiting for their pair, at most.
    fn levels(&self) -> usize {
        let (_, length, inner) = self.size;
        let sums = matches!(self.reduction, Reduction::Sum | Reduction::Mean);
        if sums && inner > 1 { length.div_ceil(BLOCK).next_power_of_two().ilog2() as usize + 1 } else { 0 }
    }

    /// The operand with the axis kept as one of length 1: what a result is repeated from.
    fn kept(&self) -> [Layout; 2] {
        let (outer, length, inner) = self.size;
        [Layout::new(&[outer, 1, inner]), Layout::new(&[outer, length, inner])]
    }
}

impl<T: Float> Rule<T> for Fold {
    fn name(&self) -> &'static str {
        match self.reduction {
            Reduction::Sum => "ReduceSum",
            Reduction::Mean => "ReduceMean",
            Reduction::Product => "ReduceProd",
            Reduction::Max => "ReduceMax",
            Reduction::Min => "ReduceMin",
        }
    }
    fn layout(&self) -> Layout {
        self.result
    }
    fn kind(&self) -> Kind {
        match self.reduction {
            Reduction::Sum | Reduction::Mean => Kind::Linear,
            _ => Kind::Curved,
        }
    }
    fn workspace(&self) -> usize {
        self.levels() * self.size.2
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        dispatch(Forward { fold: self, x: x[0], y, workspace: room.workspace });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let Edges { x, y, dy, dx, .. } = edges;
        let (_, length, inner) = self.size;
        if length * inner == 0 {
            return;
        }
        let x = x.first().copied().unwrap_or(&[]);
        for (block, dx) in dx[0].chunks_exact_mut(length * inner).enumerate() {
            let x = x.get(block * length * inner..).unwrap_or(&[]);
            let (y, dy) = (y.get(block * inner..).unwrap_or(&[]), &dy[block * inner..][..inner]);
            self.spread(x, y, dy, dx);
        }
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        // What each element counts for, which for extremes doesn't change, times the gradient repeated.
        let weights = graph.apply(Rc::new(Weights { fold: *self }), places.x);
        let [from, to] = self.kept();
        let repeated = graph.apply(Rc::new(Moved(Arrange::broadcast(from, to))), &[places.dy]);
        let product = Combine::new(Multiply, self.operand, [self.operand; 2]);
        let mut gradients = [None; MAX_OPERANDS];
        gradients[0] = Some(graph.apply(Rc::new(product), &[repeated, weights]));
        Derived::Known(gradients)
    }
}

impl Fold {
    /// The gradient by one block `[length, inner]`.
    fn spread<T: Float>(&self, x: &[T], y: &[T], dy: &[T], dx: &mut [T]) {
        let (_, length, inner) = self.size;
        match self.reduction {
            Reduction::Sum => dx.chunks_exact_mut(inner).for_each(|dx| dx.copy_from_slice(dy)),
            Reduction::Mean => {
                let count = T::from_usize(length);
                for dx in dx.chunks_exact_mut(inner) {
                    for (dx, dy) in dx.iter_mut().zip(dy) {
                        *dx = *dy / count;
                    }
                }
            }
            Reduction::Max | Reduction::Min => {
                // The first of equals has the gradient.
                dx.fill(T::ZERO);
                for (place, (&y, &dy)) in y.iter().zip(dy).enumerate() {
                    let is = |x: T| x == y || x.is_nan() && y.is_nan();
                    if let Some(first) = (0..length).find(|index| is(x[index * inner + place])) {
                        dx[first * inner + place] = dy;
                    }
                }
            }
            Reduction::Product => {
                // The product of all others: of those before, then of those behind.
                for (place, &dy) in dy.iter().enumerate() {
                    let mut before = T::ONE;
                    for index in 0..length {
                        dx[index * inner + place] = before;
                        before *= x[index * inner + place];
                    }
                    let mut behind = dy;
                    for index in (0..length).rev() {
                        dx[index * inner + place] *= behind;
                        behind *= x[index * inner + place];
                    }
                }
            }
        }
    }
}

/// `w = dy/dx`: the backward of a reduction for a gradient of ones.
struct Weights {
    fold: Fold,
}

impl<T: Float> Rule<T> for Weights {
    fn name(&self) -> &'static str {
        "Weights"
    }
    fn layout(&self) -> Layout {
        self.fold.operand
    }
    fn kind(&self) -> Kind {
        if self.fold.reduction == Reduction::Product { Kind::Curved } else { Kind::Flat }
    }
    fn workspace(&self) -> usize {
        Rule::<T>::workspace(&self.fold) + 2 * self.fold.size.2
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        let (_, length, inner) = self.fold.size;
        if length * inner == 0 {
            return;
        }
        let (one, workspace) = room.workspace.split_at_mut(inner);
        let (ones, workspace) = workspace.split_at_mut(inner);
        ones.fill(T::ONE);
        for (x, dx) in x[0].chunks_exact(length * inner).zip(y.chunks_exact_mut(length * inner)) {
            let block = Fold { size: (1, length, inner), ..self.fold };
            block.forward(&[x], one, Room::to_work(workspace));
            block.spread(x, one, ones, dx);
        }
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        // Of a product: by element j, weight i changes by the product of all but i and j.
        let (_, length, inner) = self.fold.size;
        let Edges { x, dy, dx, .. } = edges;
        dx[0].fill(T::ZERO);
        if self.fold.reduction != Reduction::Product || length * inner == 0 {
            return;
        }
        for (block, dx) in dx[0].chunks_exact_mut(length * inner).enumerate() {
            let range = block * length * inner..(block + 1) * length * inner;
            let (x, dy) = (&x[0][range.clone()], &dy[range]);
            for place in 0..inner {
                let at = |index: usize| index * inner + place;
                for i in 0..length {
                    for j in (0..length).filter(|&j| j != i) {
                        let others = (0..length).filter(|&l| l != i && l != j);
                        dx[at(j)] += others.fold(dy[at(i)], |product, l| product * x[at(l)]);
                    }
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Add;

impl<T: Float> BinaryMap<T> for Add {
    #[inline(always)]
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V {
        a + b
    }
}

struct Forward<'a, T> {
    fold: &'a Fold,
    x: &'a [T],
    y: &'a mut [T],
    workspace: &'a mut [T],
}

impl<T: Float> WithSimd for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Forward { fold, x, y, workspace } = self;
        let (_, length, inner) = fold.size;
        for (block, y) in y.chunks_exact_mut(inner.max(1)).enumerate() {
            let x = &x[block * length * inner..][..length * inner];
            match fold.reduction {
                Reduction::Sum | Reduction::Mean if inner == 1 => y[0] = reduce::sum(simd, x),
                Reduction::Sum | Reduction::Mean => sum_rows(simd, x, y, workspace),
                Reduction::Max if inner == 1 => y[0] = reduce::maximum(simd, x),
                Reduction::Min if inner == 1 => y[0] = reduce::minimum(simd, x),
                Reduction::Max => rows(x, y, T::NEG_INFINITY, |y, x| if x > y || x.is_nan() { x } else { y }),
                Reduction::Min => rows(x, y, T::INFINITY, |y, x| if x < y || x.is_nan() { x } else { y }),
                Reduction::Product => rows(x, y, T::ONE, |y, x| y * x),
            }
            if fold.reduction == Reduction::Mean {
                let count = T::from_usize(length);
                y.iter_mut().for_each(|y| *y /= count);
            }
        }
    }
}

/// `y = f(.. f(f(first, x[0]), x[1]) ..)`, for rows as long as `y`.
#[inline(always)]
fn rows<T: Float>(x: &[T], y: &mut [T], first: T, f: impl Fn(T, T) -> T) {
    y.fill(first);
    if y.is_empty() {
        return;
    }
    for x in x.chunks_exact(y.len()) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f(*y, x);
        }
    }
}

/// The sum of rows as long as `y`. A binary counter: where bit k of the number of blocks so far is set, row k of `totals` is
/// the sum of 2^k blocks.
#[inline(always)]
fn sum_rows<S: Simd, T: Float>(simd: S, x: &[T], y: &mut [T], totals: &mut [T]) {
    y.fill(T::ZERO);
    let inner = y.len();
    if inner == 0 {
        return;
    }
    let mut blocks = 0_usize;
    for block in x.chunks(BLOCK * inner) {
        y.fill(T::ZERO);
        for row in block.chunks_exact(inner) {
            zip_in_place(simd, Add, row, y);
        }
        let mut level = 0;
        while blocks >> level & 1 == 1 {
            zip_in_place(simd, Add, &totals[level * inner..][..inner], y);
            level += 1;
        }
        totals[level * inner..][..inner].copy_from_slice(y);
        blocks += 1;
    }
    y.fill(T::ZERO);
    for (level, total) in totals.chunks_exact(inner).enumerate() {
        if blocks >> level & 1 == 1 {
            zip_in_place(simd, Add, total, y);
        }
    }
}
