//! `softmax` and `log_softmax` over the last axis.

use crate::device::{Device, Pass};
use crate::element::Float;
use crate::message::Text;
use crate::model::{Fit, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::op::softmax::{RowBackward, RowForward, RowFunction};
use crate::shape::{Dim, Shape};

/// A function of the rows of the last axis, differentiated by its output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rowwise<F>(F);

impl<A: Shape, F: RowFunction, T: Float> Operation<(A,), T> for Rowwise<F> {
    type Out = A;
    const FIT: Fit = if A::RANK > 0 {
        Fit::Fits
    } else {
        Fit::mismatch(Text::new("goes along the last axis"), Text::EMPTY.shape::<A>(), Text::EMPTY.axes(0))
    };
    const FLOPS: usize = A::LEN * F::FLOPS;
    const NEEDS: Needs = Needs { output: true, ..Needs::NOTHING };
    const FORMULAS: Formulas = F::FORMULAS;

    #[inline(always)]
    fn forward<P: Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(RowForward { function: self.0, n: A::Last::N, x: x[0], y });
    }

    #[inline(always)]
    fn backward<P: Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
        let OperationBackward { y, dy, dx, .. } = edges;
        pass.device().run(RowBackward { function: self.0, n: A::Last::N, y, dy, dx: &mut *dx[0] });
    }
}
