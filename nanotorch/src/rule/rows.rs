//! Functions of rows: softmax and its logarithm.

use super::unary::compute;
use super::{Edges, Kind, Layout, Rule};
use crate::element::Float;
use crate::op::softmax::{RowBackward, RowForward, RowFunction};

/// `y = f(x)` for each row of the last axis.
#[derive(Clone, Copy, Debug)]
pub struct Rowwise<F> {
    /// The function.
    pub function: F,
    /// The shape of operand and result.
    pub layout: Layout,
}

impl<F> Rowwise<F> {
    fn length(&self) -> usize {
        self.layout.lengths().last().copied().unwrap_or(1)
    }
}

impl<T: Float, F: RowFunction> Rule<T> for Rowwise<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: &mut [T]) {
        compute(RowForward { function: self.function, n: self.length(), x: x[0], y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let Edges { y, dy, dx, .. } = edges;
        compute(RowBackward { function: self.function, n: self.length(), y, dy, dx: &mut *dx[0] });
    }
}
