//! The same numbers in other places, of any element type.

use super::axis::{Covers, HasAxis, Insert, Joins, Resized, SwapLast};
use super::check;
use super::face::{Face, Numbers, Of};
use super::order::Reorder;
use crate::graph;
use crate::rule::{Arrange, Join, Pad, Triangle};
use crate::shape::{Const, Layout, R1, Shape};

/// Rearrangements of tensors, and of variables of a tape.
pub trait Rearrangements: Numbers {
    /// All numbers along one axis, of which there are `LENGTH`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0], [3.0, 4.0]].flatten::<4>(), tensor![1.0, 2.0, 3.0, 4.0]);
    /// ```
    #[must_use]
    fn flatten<const LENGTH: usize>(&self) -> Of<Self, R1<LENGTH>> {
        const { check::exact::<Self::Shape>() };
        const { crate::tensor::can_become::<Self::Shape, R1<LENGTH>>() };
        let movement = Arrange::reshaped(Layout::of::<R1<LENGTH>>());
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// The last two axes exchanged.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0], [3.0, 4.0]].transpose(), tensor![[1.0, 3.0], [2.0, 4.0]]);
    /// ```
    #[must_use]
    fn transpose(&self) -> Of<Self, <Self::Shape as SwapLast>::Swapped>
    where
        Self::Shape: SwapLast,
    {
        const { check::exact::<Self::Shape>() };
        let layout = Layout::of::<Self::Shape>();
        let mut axes = [0, 1, 2, 3, 4, 5];
        axes.swap(layout.rank() - 2, layout.rank() - 1);
        Self::Face::shaped(Self::Face::carry(
            Arrange::permuted(layout, &axes[..layout.rank()]),
            &[self.raw()],
        ))
    }

    /// The axes in another order, which is written as a shape: axis `i` of the result is axis `ORDER[i]` of this one.
    ///
    /// ```
    /// use nanotorch::prelude::*;
    /// let images = Tensor::<R3<8, 28, 3>>::zeros();
    /// let planes: Tensor<R3<3, 8, 28>> = images.permute::<R3<2, 0, 1>>();
    /// # let _ = planes;
    /// ```
    #[must_use]
    fn permute<Order>(&self) -> Of<Self, <Self::Shape as Reorder<Order>>::Reordered>
    where
        Self::Shape: Reorder<Order>,
    {
        const { check::exact::<Self::Shape>() };
        const { check::order(<Self::Shape as Reorder<Order>>::ORDER) };
        let layout = Layout::of::<Self::Shape>();
        let axes = <Self::Shape as Reorder<Order>>::ORDER;
        Self::Face::shaped(Self::Face::carry(Arrange::permuted(layout, axes), &[self.raw()]))
    }

    /// The numbers repeated along axes of length 1, or that aren't there, so that they fill the shape `R`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0], [2.0]].broadcast::<R2<2, 2>>(), tensor![[1.0, 1.0], [2.0, 2.0]]);
    /// ```
    #[must_use]
    fn broadcast<R: Covers<Self::Shape>>(&self) -> Of<Self, R> {
        const { check::operation::<(Self::Shape, R), graph::Add, R>() };
        let movement = Arrange::broadcast(Layout::of::<Self::Shape>(), Layout::of::<R>());
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// The elements from `START` to `END`, without the last, along one axis, as the shape `R`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let table = tensor![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    /// let right: Tensor<R2<2, 2>> = table.slice::<1, 1, 3, _>();
    /// assert_eq!(right, tensor![[2.0, 3.0], [5.0, 6.0]]);
    /// ```
    #[must_use]
    fn slice<const AXIS: usize, const START: usize, const END: usize, R>(&self) -> Of<Self, R>
    where
        R: Resized<AXIS, Self::Shape>,
    {
        const { check::operation::<(Self::Shape,), graph::Slice<AXIS, START, END>, R>() };
        let layout = Layout::of::<Self::Shape>();
        let movement = Arrange::sliced(layout, AXIS, START, END - START, 1);
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// Part `INDEX` of `COUNT` equal ones along one axis, as the shape `R`: what a split gives.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let both = tensor![1.0, 2.0, 3.0, 4.0];
    /// let (left, right): (Tensor<R1<2>>, Tensor<R1<2>>) = (both.chunk::<0, 0, 2, _>(), both.chunk::<0, 1, 2, _>());
    /// assert_eq!((left, right), (tensor![1.0, 2.0], tensor![3.0, 4.0]));
    /// ```
    #[must_use]
    fn chunk<const AXIS: usize, const INDEX: usize, const COUNT: usize, R>(&self) -> Of<Self, R>
    where
        R: Resized<AXIS, Self::Shape>,
    {
        const { check::operation::<(Self::Shape,), graph::Chunk<AXIS, INDEX, COUNT>, R>() };
        let layout = Layout::of::<Self::Shape>();
        let length = layout.lengths()[AXIS] / COUNT;
        let movement = Arrange::sliced(layout, AXIS, INDEX * length, length, 1);
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// Row `INDEX` of one axis, which vanishes.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0], [3.0, 4.0]].select_at::<1, 0>(), tensor![1.0, 3.0]);
    /// ```
    #[must_use]
    fn select_at<const AXIS: usize, const INDEX: usize>(
        &self,
    ) -> Of<Self, <Self::Shape as HasAxis<AXIS>>::Without>
    where
        Self::Shape: HasAxis<AXIS>,
    {
        const { assert!(INDEX < Self::Shape::DIMS[AXIS], "the axis isn't so long") };
        const { check::exact::<Self::Shape>() };
        let layout = Layout::of::<Self::Shape>();
        let row = Self::Face::carry(Arrange::sliced(layout, AXIS, INDEX, 1, 1), &[self.raw()]);
        let movement = Arrange::reshaped(layout.without(AXIS));
        Self::Face::shaped(Self::Face::carry(movement, &[Self::Face::raw(&row)]))
    }

    /// This, then `other`, along one axis, as the shape `R`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let both: Tensor<R2<2, 2>> = tensor![[1.0, 2.0]].concat::<0, _, _>(&tensor![[3.0, 4.0]]);
    /// assert_eq!(both, tensor![[1.0, 2.0], [3.0, 4.0]]);
    /// ```
    #[must_use]
    fn concat<const AXIS: usize, N, R>(&self, other: &N) -> Of<Self, R>
    where
        N: Numbers<Face = Self::Face> + ?Sized,
        Self::Shape: Joins<AXIS, N::Shape, R>,
        R: Shape,
    {
        const { check::operation::<(Self::Shape, N::Shape), graph::Concat<AXIS>, R>() };
        let layouts = [Layout::of::<Self::Shape>(), Layout::of::<N::Shape>()];
        let movement = Join::new(Layout::of::<R>(), AXIS, &layouts);
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw(), other.raw()]))
    }

    /// This, and `other` of the same shape, along a new axis of length 2.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![1.0, 2.0].stack::<0, _>(&tensor![3.0, 4.0]), tensor![[1.0, 2.0], [3.0, 4.0]]);
    /// ```
    #[must_use]
    fn stack<const AXIS: usize, N>(
        &self,
        other: &N,
    ) -> Of<Self, <Self::Shape as Insert<AXIS>>::Inserted<Const<2>>>
    where
        N: Numbers<Face = Self::Face, Shape = Self::Shape> + ?Sized,
        Self::Shape: Insert<AXIS>,
    {
        const { check::exact::<Self::Shape>() };
        let result = Layout::of::<<Self::Shape as Insert<AXIS>>::Inserted<Const<2>>>();
        let single = result.with(AXIS, 1);
        let movement = Join::new(result, AXIS, &[single; 2]);
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw(), other.raw()]))
    }

    /// A new axis of length 1.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![1.0, 2.0].unsqueeze::<1>(), tensor![[1.0], [2.0]]);
    /// ```
    #[must_use]
    fn unsqueeze<const AXIS: usize>(&self) -> Of<Self, <Self::Shape as Insert<AXIS>>::Inserted<Const<1>>>
    where
        Self::Shape: Insert<AXIS>,
    {
        const { check::exact::<Self::Shape>() };
        let movement = Arrange::reshaped(Layout::of::<<Self::Shape as Insert<AXIS>>::Inserted<Const<1>>>());
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// Without an axis of length 1.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0], [2.0]].squeeze::<1>(), tensor![1.0, 2.0]);
    /// ```
    /// An axis of another length doesn't compile:
    /// ```compile_fail,E0080
    /// # use nanotorch::{prelude::*, tensor};
    /// let _ = tensor![[1.0], [2.0]].squeeze::<0>();
    /// ```
    #[must_use]
    fn squeeze<const AXIS: usize>(&self) -> Of<Self, <Self::Shape as HasAxis<AXIS>>::Without>
    where
        Self::Shape: HasAxis<AXIS>,
    {
        const { check::exact::<Self::Shape>() };
        const { assert!(Self::Shape::DIMS[AXIS] == 1, "only an axis of length 1 can be squeezed") };
        let movement = Arrange::reshaped(Layout::of::<<Self::Shape as HasAxis<AXIS>>::Without>());
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// One axis backwards.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0], [3.0, 4.0]].flip::<1>(), tensor![[2.0, 1.0], [4.0, 3.0]]);
    /// ```
    #[must_use]
    fn flip<const AXIS: usize>(&self) -> Of<Self, Self::Shape>
    where
        Self::Shape: HasAxis<AXIS>,
    {
        const { check::exact::<Self::Shape>() };
        let movement = Arrange::flipped(Layout::of::<Self::Shape>(), AXIS);
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// `BEFORE` and `BEHIND` many zeros around the numbers of one axis, as the shape `R`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let padded: Tensor<R1<5>> = tensor![1.0, 2.0].pad::<0, 1, 2, _>();
    /// assert_eq!(padded, tensor![0.0, 1.0, 2.0, 0.0, 0.0]);
    /// ```
    #[must_use]
    fn pad<const AXIS: usize, const BEFORE: usize, const BEHIND: usize, R>(&self) -> Of<Self, R>
    where
        R: Resized<AXIS, Self::Shape>,
    {
        const { check::along::<Self::Shape, R>(AXIS, BEFORE + Self::Shape::DIMS[AXIS] + BEHIND) };
        let movement = Pad::new(Layout::of::<Self::Shape>(), AXIS, BEFORE, BEHIND);
        Self::Face::shaped(Self::Face::carry(movement, &[self.raw()]))
    }

    /// What lies on and below the diagonal `column = row + offset` of the last two axes; 0 above.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0], [3.0, 4.0]].tril(0), tensor![[1.0, 0.0], [3.0, 4.0]]);
    /// ```
    #[must_use]
    fn tril(&self, offset: isize) -> Of<Self, Self::Shape>
    where
        Self::Shape: SwapLast,
    {
        triangle(self, true, offset)
    }

    /// What lies on and above the diagonal `column = row + offset` of the last two axes; 0 below.
    #[must_use]
    fn triu(&self, offset: isize) -> Of<Self, Self::Shape>
    where
        Self::Shape: SwapLast,
    {
        triangle(self, false, offset)
    }
}

fn triangle<N: Numbers + ?Sized>(numbers: &N, lower: bool, offset: isize) -> Of<N, N::Shape> {
    let x = numbers.raw();
    let movement = Triangle { layout: N::Face::layout(x), lower, offset };
    N::Face::shaped(N::Face::carry(movement, &[x]))
}

impl<N: Numbers + ?Sized> Rearrangements for N {}
