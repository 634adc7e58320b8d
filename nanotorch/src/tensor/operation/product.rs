//! Products: of matrices, batches of them, vectors.

use super::axis::MatMul;
use super::check;
use super::face::{Face, FloatFace, Numbers, Of};
use crate::rule::Product;
use crate::shape::{Dim, Layout};

/// Products of tensors, and of variables of a tape.
///
/// ```
/// use nanotorch::{prelude::*, tensor};
///
/// let weight = tensor![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
/// let column: Tensor<R1<3>> = weight.matmul(&tensor![1.0, 0.0]);
/// assert_eq!(column, tensor![1.0, 3.0, 5.0]);
/// assert_eq!(column.dot(&column), Tensor::from(35.0));
/// assert_eq!(tensor![1.0, 2.0].outer(&tensor![3.0, 4.0]), tensor![[3.0, 4.0], [6.0, 8.0]]);
/// ```
pub trait Products: Numbers<Face: FloatFace> {
    /// `y[.., m, n] = sum over k of a[.., m, k] b[.., k, n]`. The axes before the last two broadcast; a vector is a row on the
    /// left, a column on the right.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0]].matmul(&tensor![[3.0], [4.0]]), tensor![[11.0]]);
    ///
    /// let batch = Tensor::<R3<8, 4, 3>>::ones();
    /// let every: Tensor<R3<8, 4, 5>> = batch.matmul(&Tensor::<R2<3, 5>>::ones());
    /// # let _ = every;
    /// ```
    /// Factors that don't fit don't compile:
    /// ```compile_fail,E0277
    /// # use nanotorch::prelude::*;
    /// Tensor::<R2<2, 3>>::ones().matmul(&Tensor::<R2<4, 5>>::ones());
    /// ```
    #[must_use]
    fn matmul<N>(&self, other: &N) -> Of<Self, <Self::Shape as MatMul<N::Shape>>::Out>
    where
        N: Numbers<Face = Self::Face> + ?Sized,
        Self::Shape: MatMul<N::Shape>,
    {
        const { check::product::<Self::Shape, N::Shape, <Self::Shape as MatMul<N::Shape>>::Out>() };
        let rule = product(
            Layout::of::<Self::Shape>(),
            Layout::of::<N::Shape>(),
            Layout::of::<<Self::Shape as MatMul<N::Shape>>::Out>(),
        );
        Self::Face::shaped(Self::Face::run(rule, &[self.raw(), other.raw()]))
    }

    /// `sum over i of a[i] b[i]`, of two vectors.
    #[must_use]
    fn dot<D: Dim, N>(&self, other: &N) -> Of<Self, ()>
    where
        Self: Numbers<Shape = (D,)>,
        N: Numbers<Face = Self::Face, Shape = (D,)> + ?Sized,
    {
        const { check::exact::<(D,)>() };
        let layout = Layout::of::<(D,)>();
        Self::Face::shaped(Self::Face::run(
            product(layout, layout, Layout::SCALAR),
            &[self.raw(), other.raw()],
        ))
    }

    /// `y[i, j] = a[i] b[j]`, of two vectors.
    #[must_use]
    fn outer<A: Dim, B: Dim, N>(&self, other: &N) -> Of<Self, (A, B)>
    where
        Self: Numbers<Shape = (A,)>,
        N: Numbers<Face = Self::Face, Shape = (B,)> + ?Sized,
    {
        const { check::exact::<(A, B)>() };
        let rule = Product::new(Layout::of::<(A, B)>(), [Layout::SCALAR; 3], [A::N, B::N, 1]);
        Self::Face::shaped(Self::Face::run(rule, &[self.raw(), other.raw()]))
    }
}

impl<N: Numbers<Face: FloatFace> + ?Sized> Products for N {}

/// The rule for factors and a product of these shapes, which must have been checked.
pub(crate) fn product(a: Layout, b: Layout, result: Layout) -> Product {
    let (first, second) = (a.lengths(), b.lengths());
    let (outer_a, [m, k]) = matrix(first, [1, first[first.len() - 1]]);
    let (outer_b, [_, n]) = matrix(second, [second[0], 1]);
    let outer = if outer_a.len() > outer_b.len() { outer_a.len() } else { outer_b.len() };
    let outer = Layout::new(&result.lengths()[..outer]);
    Product::new(result, [outer, Layout::new(outer_a), Layout::new(outer_b)], [m, n, k])
}

/// The axes before the last two, and these; for a vector what it is as a matrix.
fn matrix(lengths: &[usize], vector: [usize; 2]) -> (&[usize], [usize; 2]) {
    match lengths {
        [outer @ .., rows, columns] => (outer, [*rows, *columns]),
        _ => (&[], vector),
    }
}
