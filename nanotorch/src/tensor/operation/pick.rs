//! Numbers at places that only the running program knows: gather, scatter, select, sort.

use alloc::vec::Vec;

use super::axis::{Append, HasAxis};
use super::check;
use super::face::{Face, FloatFace, Numbers, Of};
use super::{Tensor, TensorError, View};
use crate::element::{Element, Wide};
use crate::rule::{Adjoint, Arrange, Combine, Gather, Moved, Select, order_by};
use crate::shape::{Const, Layout, Shape};

/// A number of an integer type, as a place along an axis.
pub trait PlaceNumber: Element {}
impl PlaceNumber for i32 {}
impl PlaceNumber for i64 {}
impl PlaceNumber for u8 {}

/// Numbers picked from tensors, and from variables of a tape.
pub trait Picks: Numbers {
    /// `y[.., i, ..] = x[.., places[i], ..]` along one axis.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let table = tensor![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
    /// let rows = table.index_select::<0, 2, _>(&Tensor::from([2_i64, 0]))?;
    /// assert_eq!(rows, tensor![[5.0, 6.0], [1.0, 2.0]]);
    /// let error = table.index_select::<0, 2, _>(&Tensor::from([2_i64, 3])).unwrap_err();
    /// assert_eq!(error.to_string(), "the index at [1] is 3, but the axis has a length of 3");
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// A place that the axis doesn't have.
    fn index_select<const AXIS: usize, const COUNT: usize, I: PlaceNumber>(
        &self,
        places: &View<(Const<COUNT>,), I>,
    ) -> Result<Of<Self, <Self::Shape as HasAxis<AXIS>>::Replaced<Const<COUNT>>>, TensorError>
    where
        Self::Shape: HasAxis<AXIS>,
    {
        const { check::exact::<Self::Shape>() };
        let layout = Layout::of::<Self::Shape>();
        let (outer, length, inner) = layout.around(AXIS);
        let rows = indices(places, length)?;
        let mut places = Vec::with_capacity(outer * COUNT * inner);
        for block in 0..outer {
            for row in &rows {
                places.extend((0..inner).map(|place| (block * length + row) * inner + place));
            }
        }
        let movement = Gather { layout: layout.with(AXIS, COUNT), places };
        Ok(Self::Face::shaped(Self::Face::carry(movement, &[self.raw()])))
    }

    /// `y[i, j] = x[places[i, j], j]` along axis 0, and likewise along others: one place for each number of the result.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let scores = tensor![[0.1, 0.7, 0.2], [0.8, 0.1, 0.1]];
    /// let labels = Tensor::from([[1_i64], [0]]);
    /// assert_eq!(scores.gather::<1, _, _>(&labels)?, tensor![[0.7], [0.8]]);
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// A place that the axis doesn't have.
    fn gather<const AXIS: usize, R: Shape, I: PlaceNumber>(
        &self,
        places: &View<R, I>,
    ) -> Result<Of<Self, R>, TensorError> {
        const { check::within::<Self::Shape, R>(AXIS) };
        const { check::exact::<Self::Shape>() };
        let movement = gather(Layout::of::<Self::Shape>(), AXIS, places)?;
        Ok(Self::Face::shaped(Self::Face::carry(movement, &[self.raw()])))
    }

    /// A copy of this with `source[i, j]` added at `[places[i, j], j]`, for axis 0, and likewise for others: gather's adjoint.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    ///
    /// let sums = Tensor::<R1<3>>::zeros().scatter_add::<0, _, _, _>(&Tensor::from([2_i64, 0, 2]), &tensor![1.0, 2.0, 3.0])?;
    /// assert_eq!(sums, tensor![2.0, 0.0, 4.0]);
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// A place that the axis doesn't have.
    fn scatter_add<const AXIS: usize, R: Shape, I: PlaceNumber, N>(
        &self,
        places: &View<R, I>,
        source: &N,
    ) -> Result<Of<Self, Self::Shape>, TensorError>
    where
        Self: Numbers<Face: FloatFace>,
        N: Numbers<Face = Self::Face, Shape = R> + ?Sized,
    {
        const { check::within::<Self::Shape, R>(AXIS) };
        const { check::exact::<Self::Shape>() };
        let layout = Layout::of::<Self::Shape>();
        let movement = gather(layout, AXIS, places)?;
        let layouts = Adjoint::<<Self::Face as Face>::Element>::layouts([layout].into_iter());
        let adjoint = Adjoint { rule: alloc::rc::Rc::new(Moved(movement)), operand: 0, count: 1, layouts };
        let scattered = Self::Face::run(adjoint, &[source.raw()]);
        let sum = Combine::new(crate::graph::Add, layout, [layout; 2]);
        Ok(Self::Face::shaped(Self::Face::run(sum, &[self.raw(), Self::Face::raw(&scattered)])))
    }

    /// The numbers along one axis by size, the largest first where `descending`, and where each came from. NaN is larger than
    /// all else; equals stay in order.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let (sorted, places) = tensor![2.0, 3.0, 1.0].sort::<0>(false);
    /// assert_eq!((sorted, places), (tensor![1.0, 2.0, 3.0], Tensor::from([2_i64, 0, 1])));
    /// ```
    fn sort<const AXIS: usize>(&self, descending: bool) -> (Of<Self, Self::Shape>, Tensor<Self::Shape, i64>)
    where
        Self::Shape: HasAxis<AXIS>,
    {
        const { check::exact::<Self::Shape>() };
        ordered::<Self, Self::Shape>(self, AXIS, Self::Shape::DIMS[AXIS], descending)
    }

    /// The `COUNT` largest along one axis, the largest first, and where each came from.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let (best, places) = tensor![[2.0, 3.0, 1.0]].topk::<1, 2>();
    /// assert_eq!((best, places), (tensor![[3.0, 2.0]], Tensor::from([[1_i64, 0]])));
    /// ```
    fn topk<const AXIS: usize, const COUNT: usize>(
        &self,
    ) -> (Picked<Self, AXIS, COUNT>, PickedPlaces<Self, AXIS, COUNT>)
    where
        Self::Shape: HasAxis<AXIS>,
    {
        const { check::exact::<Self::Shape>() };
        const { assert!(COUNT <= Self::Shape::DIMS[AXIS], "the axis has fewer numbers than are to be picked") };
        ordered::<Self, <Self::Shape as HasAxis<AXIS>>::Replaced<Const<COUNT>>>(self, AXIS, COUNT, true)
    }
}

/// `N` with `COUNT` numbers along `AXIS`.
pub type Picked<N, const AXIS: usize, const COUNT: usize> =
    Of<N, <<N as Numbers>::Shape as HasAxis<AXIS>>::Replaced<Const<COUNT>>>;

/// Where the numbers of a [`Picked`] came from.
pub type PickedPlaces<N, const AXIS: usize, const COUNT: usize> =
    Tensor<<<N as Numbers>::Shape as HasAxis<AXIS>>::Replaced<Const<COUNT>>, i64>;

impl<N: Numbers + ?Sized> Picks for N {}

fn ordered<N: Numbers + ?Sized, R: Shape>(
    numbers: &N,
    axis: usize,
    count: usize,
    descending: bool,
) -> (Of<N, R>, Tensor<R, i64>) {
    let x = numbers.raw();
    let layout = N::Face::layout(x);
    let places = order_by(&N::Face::numbers(x), layout, axis, count, descending);
    let (_, length, inner) = layout.around(axis);
    let mut along = Tensor::<R, i64>::zeros();
    for (along, &place) in along.iter_mut().zip(&places) {
        *along = (place / inner % length) as i64;
    }
    let movement = Gather { layout: layout.with(axis, count), places };
    (N::Face::shaped(N::Face::carry(movement, &[x])), along)
}

/// The places as numbers, if each is below `length`.
fn indices<S: Shape, I: PlaceNumber>(places: &View<S, I>, length: usize) -> Result<Vec<usize>, TensorError> {
    let mut indices = Vec::with_capacity(places.len());
    for (index, place) in places.indexed() {
        let value = match place.widen() {
            Wide::Signed(value) => value,
            Wide::Unsigned(value) => value as i64,
            Wide::Float(value) => value as i64,
        };
        match usize::try_from(value) {
            Ok(place) if place < length => indices.push(place),
            _ => return Err(TensorError::index(index.as_ref(), value, length)),
        }
    }
    Ok(indices)
}

fn gather<R: Shape, I: PlaceNumber>(
    operand: Layout,
    axis: usize,
    places: &View<R, I>,
) -> Result<Gather, TensorError> {
    let strides = operand.strides();
    let along = indices(places, operand.lengths()[axis])?;
    let flat = places.indices().zip(along).map(|(index, along)| {
        let place = |(at, &index): (usize, &usize)| if at == axis { along } else { index };
        let steps = index.as_ref().iter().enumerate().map(place).zip(strides);
        steps.map(|(place, stride)| place * stride.unsigned_abs()).sum()
    });
    Ok(Gather { layout: Layout::of::<R>(), places: flat.collect() })
}

impl<S: Shape> View<S, bool> {
    /// `yes` where the mask holds, else `no`, which both broadcast to the mask's shape.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let x = tensor![-1.0, 2.0];
    /// assert_eq!(x.less(&tensor![0.0]).select(&tensor![7.0], &x), tensor![7.0, 2.0]);
    /// ```
    #[must_use]
    pub fn select<A, B>(&self, yes: &A, no: &B) -> Of<A, S>
    where
        A: Numbers + ?Sized,
        B: Numbers<Face = A::Face> + ?Sized,
    {
        const { check::operation::<(S, A::Shape), crate::graph::Add, S>() };
        const { check::operation::<(S, B::Shape), crate::graph::Add, S>() };
        let layout = Layout::of::<S>();
        let yes = A::Face::carry(Arrange::broadcast(Layout::of::<A::Shape>(), layout), &[yes.raw()]);
        let no = A::Face::carry(Arrange::broadcast(Layout::of::<B::Shape>(), layout), &[no.raw()]);
        let movement = Select { layout, mask: self.to_vec() };
        A::Face::shaped(A::Face::carry(movement, &[A::Face::raw(&yes), A::Face::raw(&no)]))
    }
}

impl<S: Append, I: PlaceNumber> View<S, I> {
    /// For each class 1 where it is the number, else 0.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(Tensor::from([2_i64, 0]).one_hot::<3>()?, tensor![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
    /// # Ok::<(), nanotorch::tensor::TensorError>(())
    /// ```
    ///
    /// # Errors
    /// A number that isn't below `CLASSES`.
    pub fn one_hot<const CLASSES: usize>(&self) -> Result<Tensor<S::Appended<Const<CLASSES>>>, TensorError> {
        const { check::exact::<S>() };
        let mut hot = Tensor::zeros();
        for (row, class) in hot.as_mut_slice().chunks_exact_mut(CLASSES.max(1)).zip(indices(self, CLASSES)?) {
            row[class] = 1.0;
        }
        Ok(hot)
    }
}
