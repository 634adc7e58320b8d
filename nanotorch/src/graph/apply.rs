//! Functions of one number on every element of an edge, and edges passed on as they are.

use crate::device::{self, Device};
use crate::element::Float;
use crate::model::{Follows, Formulas, Memory, Needs, Operation, OperationBackward};
use crate::op::{Copy, Keeps, Unary, UnaryBackward, UnaryBackwardInPlace, UnaryForward, UnaryForwardInPlace};
use crate::shape::Shape;

/// `f(x)`, element by element.
#[derive(Clone, Copy, Debug, Default)]
pub struct Apply<O>(pub O);

impl<A: Shape, O: Unary, T: Float> Operation<(A,), T> for Apply<O> {
    type Out = A;
    const FLOPS: usize = A::LEN * O::FLOPS;
    const NEEDS: Needs = Needs {
        input: matches!(O::KEEPS, Keeps::Input),
        output: matches!(O::KEEPS, Keeps::Output),
        in_place: true,
        ..Needs::NOTHING
    };
    const FORMULAS: Formulas = Formulas::of_function::<O>();
    const FOLLOWS: Follows = if O::RECTIFIES { Follows::Rectifies } else { Follows::Nothing };

    #[inline(always)]
    fn forward<P: device::Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(UnaryForward { op: self.0, x: x[0], y });
    }

    #[inline(always)]
    fn forward_in_place<P: device::Pass>(
        &self,
        pass: &mut P,
        _: usize,
        _: &[&[T]],
        y: &mut [T],
        _: Memory<'_, T>,
    ) {
        pass.device().run(UnaryForwardInPlace { op: self.0, y });
    }

    #[inline(always)]
    fn backward<P: device::Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
        let OperationBackward { x, y, dy, dx } = edges;
        let kept = if matches!(O::KEEPS, Keeps::Input) { x[0] } else { y };
        pass.device().run(UnaryBackward { op: self.0, kept, dy, dx: &mut *dx[0] });
    }

    #[inline(always)]
    fn backward_in_place<P: device::Pass>(
        &self,
        pass: &mut P,
        x: &[T],
        y: &[T],
        dy: &mut [T],
        _: Memory<'_, T>,
    ) {
        let kept = if matches!(O::KEEPS, Keeps::Input) { x } else { y };
        pass.device().run(UnaryBackwardInPlace { op: self.0, kept, dy });
    }
}

/// `x` itself, where a model returns an edge from further up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pass;

impl<A: Shape, T: Float> Operation<(A,), T> for Pass {
    type Out = A;
    const TAKES_SEVERAL: bool = true;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs { passes: 1, ..Needs::NOTHING };
    const FORMULAS: Formulas = Formulas { value: &["{0}"], edges: &[&["{dy}"]], parameters: &[] };

    #[inline(always)]
    fn forward<P: device::Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(Copy { x: x[0], y });
    }

    #[inline(always)]
    fn backward<P: device::Pass>(&self, pass: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
        pass.device().run(Copy { x: edges.dy, y: &mut *edges.dx[0] });
    }
}

/// `x` as a constant: no gradient flows back (PyTorch's `detach`).
#[derive(Clone, Copy, Debug, Default)]
pub struct Detach;

impl<A: Shape, T: Float> Operation<(A,), T> for Detach {
    type Out = A;
    const FLOPS: usize = 0;
    const NEEDS: Needs = Needs { stops: true, ..Needs::NOTHING };
    const FORMULAS: Formulas = Formulas { value: &["{0}"], edges: &[&["0"]], parameters: &[] };

    #[inline(always)]
    fn forward<P: device::Pass>(&self, pass: &mut P, x: &[&[T]], y: &mut [T], _: Memory<'_, T>) {
        pass.device().run(Copy { x: x[0], y });
    }

    #[inline(always)]
    fn backward<P: device::Pass>(&self, _: &mut P, edges: OperationBackward<'_, '_, T>, _: Memory<'_, T>) {
        edges.dx[0].fill(T::ZERO);
    }
}
