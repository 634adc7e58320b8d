//! Operations on tensors: those of models, run at once.
//!
//! What is computed is said by [`Operation`]; here are only the memory that it wants, and the type of the result. Where that
//! type can't be worked out from the operands' (the lengths add up, say), the caller's decides, and the compiler compares.

use core::marker::PhantomData;

use super::axis::{HasAxis, MatMul, Reorder, SwapLast};
use super::{Tensor, View};
use crate::device::{Cpu, InferencePass};
use crate::element::Float;
use crate::extent::Const;
use crate::graph::reduce::{Max, Mean, Sum};
use crate::graph::{Concat, MatrixProduct, Reduce, Slice, TransposeLast};
use crate::message::Text;
use crate::model::{Edges, Fit, Memory, Operation};
use crate::shape::{Shape, is_exact, same_shape};
use crate::simd::{Simd, WithSimd, dispatch};
use crate::storage::Block;

/// Refuses operands that an operation can't take, and results of another shape.
///
/// It is asked in the function that the program calls, as the compiler shows the place where that is done.
pub(super) const fn check<T: Float, I: Edges, O: Operation<I, T>, R: Shape>() {
    if let Fit::Mismatch(mismatch) = O::FIT {
        let text =
            Text::new("this operation ").then(&mismatch.takes).text(", but is given ").then(&mismatch.given);
        panic!("{}", text.as_str());
    }
    assert!(
        is_exact::<R>(),
        "operators take shapes of constant lengths: take the rows of a leading `UpTo` one by one"
    );
    if !same_shape::<R, O::Out>() {
        let text = Text::new("this operation gives the shape ").shape::<O::Out>().text(", not ").shape::<R>();
        panic!(
            "{}",
            text.text("; bring the operands into that shape with `broadcast` or `reshape`").as_str()
        );
    }
}

/// An operation with its operands and its memory.
struct Work<'a, I, O, T> {
    operation: &'a O,
    edges: PhantomData<I>,
    x: &'a [&'a [T]],
    y: &'a mut [T],
    scratch: &'a mut [T],
    workspace: &'a mut [T],
}

impl<I: Edges, O: Operation<I, T>, T: Float> WithSimd for Work<'_, I, O, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let memory = Memory { saved: &mut [], scratch: self.scratch, workspace: self.workspace };
        let mut pass = InferencePass { device: Cpu::new(simd), rows: Const::<1> };
        self.operation.forward(&mut pass, self.x, self.y, memory);
    }
}

/// The result of an operation on numbers with the shapes `I`, which must have been [`check`]ed.
pub(super) fn operate<I, O, T, R>(operation: &O, x: &[&[T]]) -> Tensor<R, T>
where
    I: Edges,
    O: Operation<I, T>,
    T: Float,
    R: Shape,
{
    let needs = const { O::NEEDS };
    let mut y = Tensor::zeros();
    let (mut scratch, mut workspace) = (Block::zeros(needs.infer), Block::zeros(needs.workspace));
    dispatch(Work {
        operation,
        edges: PhantomData::<I>,
        x,
        y: y.as_mut_slice(),
        scratch: scratch.as_mut_slice(),
        workspace: workspace.as_mut_slice(),
    });
    y
}

impl<S: Shape, T: Float> View<S, T> {
    /// The sum along one axis, which vanishes.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0], [3.0, 4.0]].sum_axis::<0>(), tensor![4.0, 6.0]);
    /// ```
    /// An axis that isn't there doesn't compile:
    /// ```compile_fail,E0277
    /// # use nanotorch::{prelude::*, tensor};
    /// tensor![[1.0, 2.0], [3.0, 4.0]].sum_axis::<2>();
    /// ```
    #[must_use]
    pub fn sum_axis<const AXIS: usize>(&self) -> Tensor<S::Without, T>
    where
        S: HasAxis<AXIS>,
    {
        const { check::<T, (S,), Reduce<Sum, AXIS>, S::Without>() };
        operate::<(S,), _, _, _>(&Reduce::<Sum, AXIS>::default(), &[self.as_slice()])
    }

    /// The mean along one axis, which vanishes.
    #[must_use]
    pub fn mean_axis<const AXIS: usize>(&self) -> Tensor<S::Without, T>
    where
        S: HasAxis<AXIS>,
    {
        const { check::<T, (S,), Reduce<Mean, AXIS>, S::Without>() };
        operate::<(S,), _, _, _>(&Reduce::<Mean, AXIS>::default(), &[self.as_slice()])
    }

    /// The largest along one axis, which vanishes; NaN where there is one.
    #[must_use]
    pub fn max_axis<const AXIS: usize>(&self) -> Tensor<S::Without, T>
    where
        S: HasAxis<AXIS>,
    {
        const { check::<T, (S,), Reduce<Max, AXIS>, S::Without>() };
        operate::<(S,), _, _, _>(&Reduce::<Max, AXIS>::default(), &[self.as_slice()])
    }

    /// `y[.., m, n] = sum over k of a[.., m, k] b[.., k, n]`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0]].matmul(&tensor![[3.0], [4.0]]), tensor![[11.0]]);
    /// ```
    /// Factors that don't fit don't compile:
    /// ```compile_fail,E0277
    /// # use nanotorch::prelude::*;
    /// Tensor::<R2<2, 3>>::ones().matmul(&Tensor::<R2<4, 5>>::ones());
    /// ```
    #[must_use]
    pub fn matmul<R: Shape>(&self, other: &View<R, T>) -> Tensor<S::Out, T>
    where
        S: MatMul<R>,
    {
        const { check::<T, (S, R), MatrixProduct, S::Out>() };
        operate::<(S, R), _, _, _>(&MatrixProduct, &[self.as_slice(), other.as_slice()])
    }

    /// The last two axes exchanged.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// assert_eq!(tensor![[1.0, 2.0], [3.0, 4.0]].transpose(), tensor![[1.0, 3.0], [2.0, 4.0]]);
    /// ```
    #[must_use]
    pub fn transpose(&self) -> Tensor<S::Swapped, T>
    where
        S: SwapLast,
    {
        const { check::<T, (S,), TransposeLast, S::Swapped>() };
        operate::<(S,), _, _, _>(&TransposeLast, &[self.as_slice()])
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
    pub fn permute<Order>(&self) -> Tensor<S::Reordered, T>
    where
        S: Reorder<Order>,
    {
        const { check::<T, (S,), S::Operation<T>, S::Reordered>() };
        operate::<(S,), _, _, _>(&S::Operation::<T>::default(), &[self.as_slice()])
    }

    /// The elements from `START` to `END`, without the last, along one axis, as a tensor of the shape `R`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let table = tensor![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    /// let right: Tensor<R2<2, 2>> = table.slice::<1, 1, 3, _>();
    /// assert_eq!(right, tensor![[2.0, 3.0], [5.0, 6.0]]);
    /// ```
    #[must_use]
    pub fn slice<const AXIS: usize, const START: usize, const END: usize, R: Shape>(&self) -> Tensor<R, T> {
        const { check::<T, (S,), Slice<AXIS, START, END>, R>() };
        operate::<(S,), _, _, _>(&Slice::<AXIS, START, END>, &[self.as_slice()])
    }

    /// This tensor, then `other`, along one axis, as a tensor of the shape `R`.
    ///
    /// ```
    /// use nanotorch::{prelude::*, tensor};
    /// let both: Tensor<R2<2, 2>> = tensor![[1.0, 2.0]].concat::<0, _, _>(&tensor![[3.0, 4.0]]);
    /// assert_eq!(both, tensor![[1.0, 2.0], [3.0, 4.0]]);
    /// ```
    #[must_use]
    pub fn concat<const AXIS: usize, O: Shape, R: Shape>(&self, other: &View<O, T>) -> Tensor<R, T> {
        const { check::<T, (S, O), Concat<AXIS>, R>() };
        operate::<(S, O), _, _, _>(&Concat::<AXIS>, &[self.as_slice(), other.as_slice()])
    }
}
