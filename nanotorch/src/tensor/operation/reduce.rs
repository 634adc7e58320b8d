//! One number of many: over all elements, along an axis, along several, with the axes kept or not.
//!
//! Sums are made in an order that depends on the lengths alone (see [`crate::kernel::reduce`]), so they are the same on every machine.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::axis::{HasAxes, HasAxis};
use super::check;
use super::face::{ElementOf, Face, FloatFace, Numbers, Of};
use crate::element::Float;
use crate::graph::{self, function};
use crate::rule::{Arrange, Combine, Cumulate, Elementwise, Fold, Reduction};
use crate::shape::{Layout, R0, R1, Shape};

/// Reductions of tensors, and of variables of a tape.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let table = tensor![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// assert_eq!(table.sum_axis::<0>(), tensor![5.0, 7.0, 9.0]);
/// assert_eq!(table.along::<R1<1>>().max(), tensor![3.0, 6.0]);
/// assert_eq!(table.keeping::<R1<1>>().mean(), tensor![[2.0], [5.0]]);
/// assert_eq!(table.along::<R2<0, 1>>().sum(), Tensor::from(21.0));
/// assert_eq!(table.whole().prod(), Tensor::from(720.0));
/// ```
/// An axis that isn't there doesn't compile:
/// ```compile_fail,E0277
/// # use nanotorch::{prelude::*, tensor};
/// tensor![[1.0, 2.0], [3.0, 4.0]].sum_axis::<2>();
/// ```
pub trait Reductions: Numbers {
    /// Along the named axes, which vanish: `x.along::<R2<0, 2>>().sum()`.
    fn along<Axes>(&self) -> Along<'_, Self, <Self::Shape as HasAxes<Axes>>::Without>
    where
        Self::Shape: HasAxes<Axes>,
    {
        const { check::ascending(<Self::Shape as HasAxes<Axes>>::AXES) };
        Along { numbers: self, axes: <Self::Shape as HasAxes<Axes>>::AXES, kept: false, result: PhantomData }
    }

    /// Along the named axes, of which each keeps a length of 1, so that the result broadcasts against the operand.
    fn keeping<Axes>(&self) -> Along<'_, Self, <Self::Shape as HasAxes<Axes>>::Kept>
    where
        Self::Shape: HasAxes<Axes>,
    {
        const { check::ascending(<Self::Shape as HasAxes<Axes>>::AXES) };
        Along { numbers: self, axes: <Self::Shape as HasAxes<Axes>>::AXES, kept: true, result: PhantomData }
    }

    /// Over all elements.
    fn whole(&self) -> Along<'_, Self, R0> {
        Along { numbers: self, axes: &ALL[..Self::Shape::RANK], kept: false, result: PhantomData }
    }

    /// The sum along one axis, which vanishes.
    #[must_use]
    fn sum_axis<const AXIS: usize>(&self) -> Of<Self, <Self::Shape as HasAxis<AXIS>>::Without>
    where
        Self: Numbers<Face: FloatFace>,
        Self::Shape: HasAxis<AXIS>,
    {
        self.along::<R1<AXIS>>().sum()
    }

    /// The mean along one axis, which vanishes.
    #[must_use]
    fn mean_axis<const AXIS: usize>(&self) -> Of<Self, <Self::Shape as HasAxis<AXIS>>::Without>
    where
        Self: Numbers<Face: FloatFace>,
        Self::Shape: HasAxis<AXIS>,
    {
        self.along::<R1<AXIS>>().mean()
    }

    /// The largest along one axis, which vanishes; NaN where there is one. The first of equals has the gradient.
    #[must_use]
    fn max_axis<const AXIS: usize>(&self) -> Of<Self, <Self::Shape as HasAxis<AXIS>>::Without>
    where
        Self: Numbers<Face: FloatFace>,
        Self::Shape: HasAxis<AXIS>,
    {
        self.along::<R1<AXIS>>().max()
    }

    /// `y[i] = x[0] + .. + x[i]` along one axis.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![1.0, 2.0, 3.0].cumsum::<0>(), tensor![1.0, 3.0, 6.0]);
    /// ```
    #[must_use]
    fn cumsum<const AXIS: usize>(&self) -> Of<Self, Self::Shape>
    where
        Self: Numbers<Face: FloatFace>,
        Self::Shape: HasAxis<AXIS>,
    {
        let x = self.raw();
        let rule = Cumulate { layout: Self::Face::layout(x), axis: AXIS };
        Self::Face::shaped(Self::Face::run(rule, &[x]))
    }
}

impl<N: Numbers + ?Sized> Reductions for N {}

const ALL: &[usize] = &[0, 1, 2, 3, 4, 5];

/// Numbers, and the axes along which they are to be made one: see [`Reductions`].
#[must_use]
pub struct Along<'a, N: ?Sized, R> {
    pub(super) numbers: &'a N,
    pub(super) axes: &'static [usize],
    pub(super) kept: bool,
    pub(super) result: PhantomData<R>,
}

impl<N: Numbers<Face: FloatFace> + ?Sized, R: Shape> Along<'_, N, R> {
    fn fold(&self, reduction: Reduction) -> Of<N, R> {
        let x = self.numbers.raw();
        N::Face::shaped(fold::<N::Face>(reduction, x, self.axes, self.kept))
    }

    /// The sum; 0 of nothing.
    #[must_use]
    pub fn sum(&self) -> Of<N, R> {
        self.fold(Reduction::Sum)
    }

    /// The mean; NaN of nothing.
    #[must_use]
    pub fn mean(&self) -> Of<N, R> {
        self.fold(Reduction::Mean)
    }

    /// The product; 1 of nothing.
    #[must_use]
    pub fn prod(&self) -> Of<N, R> {
        self.fold(Reduction::Product)
    }

    /// The largest; NaN where there is one. The first of equals has the gradient.
    #[must_use]
    pub fn max(&self) -> Of<N, R> {
        self.fold(Reduction::Max)
    }

    /// The smallest; NaN where there is one. The first of equals has the gradient.
    #[must_use]
    pub fn min(&self) -> Of<N, R> {
        self.fold(Reduction::Min)
    }

    /// `sum of (x - mean)² / (n - correction)`: with a correction of 1, PyTorch's default, the unbiased estimate.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![1.0, 2.0, 3.0].whole().var(1), Tensor::from(1.0));
    /// ```
    #[must_use]
    pub fn var(&self, correction: usize) -> Of<N, R> {
        N::Face::shaped(self.variance(correction))
    }

    /// The square root of [`var`](Along::var).
    #[must_use]
    pub fn std(&self, correction: usize) -> Of<N, R> {
        let variance = self.variance(correction);
        N::Face::shaped(apply::<N::Face, _>(function::Sqrt {}, N::Face::raw(&variance)))
    }

    fn variance(&self, correction: usize) -> <N::Face as Face>::Held {
        let x = self.numbers.raw();
        let layout = N::Face::layout(x);
        let mean = fold::<N::Face>(Reduction::Mean, x, self.axes, true);
        let mean = N::Face::raw(&mean);
        let rule = Combine::new(graph::Subtract, layout, [layout, N::Face::layout(mean)]);
        let centred = N::Face::run(rule, &[x, mean]);
        let square = apply::<N::Face, _>(function::Square {}, N::Face::raw(&centred));
        let sum = fold::<N::Face>(Reduction::Sum, N::Face::raw(&square), self.axes, self.kept);
        let count: usize = self.axes.iter().map(|&axis| layout.lengths()[axis]).product();
        let by = 1.0 / count.saturating_sub(correction) as f64;
        apply::<N::Face, _>(function::Scale { by }, N::Face::raw(&sum))
    }

    /// `√(sum of x²)`, the Euclidean norm.
    #[must_use]
    pub fn norm(&self) -> Of<N, R> {
        let square = apply::<N::Face, _>(function::Square {}, self.numbers.raw());
        let sum = fold::<N::Face>(Reduction::Sum, N::Face::raw(&square), self.axes, self.kept);
        N::Face::shaped(apply::<N::Face, _>(function::Sqrt {}, N::Face::raw(&sum)))
    }

    /// `ln(sum of e^x)`, without overflow.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![1000.0, 1000.0].whole().logsumexp(), Tensor::from(1000.0 + 2_f32.ln()));
    /// ```
    #[must_use]
    pub fn logsumexp(&self) -> Of<N, R> {
        let x = self.numbers.raw();
        let layout = N::Face::layout(x);
        // ln(sum of e^(x - m)) + m with the largest m, which is no matter of derivatives: it cancels.
        let (most, kept) = largest::<ElementOf<N>>(&N::Face::numbers(x), layout, self.axes);
        let most = N::Face::constant(x, kept, most);
        let most = N::Face::raw(&most);
        let rule = Combine::new(graph::Subtract, layout, [layout, kept]);
        let less = N::Face::run(rule, &[x, most]);
        let exp = apply::<N::Face, _>(function::Exp {}, N::Face::raw(&less));
        let sum = fold::<N::Face>(Reduction::Sum, N::Face::raw(&exp), self.axes, true);
        let ln = apply::<N::Face, _>(function::Ln {}, N::Face::raw(&sum));
        let rule = Combine::new(graph::Add, kept, [kept; 2]);
        let sum = N::Face::run(rule, &[N::Face::raw(&ln), most]);
        let without = |layout: Layout, axis: &usize| layout.without(*axis);
        let result = if self.kept { kept } else { self.axes.iter().rev().fold(layout, without) };
        N::Face::shaped(N::Face::carry(Arrange::reshaped(result), &[N::Face::raw(&sum)]))
    }
}

fn apply<F: FloatFace, O: crate::op::Unary>(function: O, x: F::Raw<'_>) -> F::Held {
    F::run(Elementwise { function, layout: F::layout(x) }, &[x])
}

/// The reduction along each of the axes, the last first.
fn fold<F: FloatFace>(reduction: Reduction, x: F::Raw<'_>, axes: &[usize], kept: bool) -> F::Held {
    let layout = F::layout(x);
    if !kept && axes.len() == layout.rank() {
        return F::run(Fold::all(reduction, layout), &[x]);
    }
    let next = |layout: Layout, axis: usize| if kept { layout.with(axis, 1) } else { layout.without(axis) };
    let Some((&last, others)) = axes.split_last() else {
        return F::carry(Arrange::reshaped(layout), &[x]);
    };
    let mut held = F::run(Fold::along(reduction, layout, last, next(layout, last)), &[x]);
    for &axis in others.iter().rev() {
        let layout = F::layout(F::raw(&held));
        held = F::run(Fold::along(reduction, layout, axis, next(layout, axis)), &[F::raw(&held)]);
    }
    held
}

/// The largest along each of the axes, which keep a length of 1; 0 where it is infinite.
fn largest<T: Float>(numbers: &[T], layout: Layout, axes: &[usize]) -> (Vec<T>, Layout) {
    let mut most: Vec<T> = numbers.to_vec();
    let mut layout = layout;
    for &axis in axes.iter().rev() {
        let fold = Fold::along(Reduction::Max, layout, axis, layout.with(axis, 1));
        layout = layout.with(axis, 1);
        let mut reduced = alloc::vec![T::ZERO; layout.len()];
        crate::rule::Rule::forward(&fold, &[&most], &mut reduced, crate::rule::Room::to_work(&mut []));
        most = reduced;
    }
    most.iter_mut().filter(|most| !most.is_finite()).for_each(|most| *most = T::ZERO);
    (most, layout)
}
