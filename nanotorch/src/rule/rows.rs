//! Functions of rows: softmax and its logarithm.
//!
//! Their gradient mixes the numbers of a row, so no dual number gives the next derivative: it is written here as operations, each
//! of which has one.

use alloc::rc::Rc;

use super::unary::compute;
use super::{
    Combine, Derived, Edges, Elementwise, Fold, Graph, Kind, Layout, MAX_OPERANDS, Place, Places, Reduction,
    Room, Rule,
};
use crate::element::Float;
use crate::graph::{Multiply, Subtract, function};
use crate::op::softmax::{LogSoftmax, RowBackward, RowForward, RowFunction, Softmax};

/// `y = f(x)` for each row of the last axis.
#[derive(Clone, Copy, Debug)]
pub struct Rowwise<F> {
    /// The function.
    pub function: F,
    /// The shape of operand and result.
    pub layout: Layout,
}

/// A function of rows whose gradient is known as operations.
pub trait RowRule: RowFunction {
    /// The gradient by the input, as operations on the result `y` and the gradient by it.
    fn gradient<T: Float>(rows: &mut Rows<'_, T>, y: Place, dy: Place) -> Place;
}

impl RowRule for Softmax {
    /// `dx = y dy - y sum(y dy)`
    fn gradient<T: Float>(rows: &mut Rows<'_, T>, y: Place, dy: Place) -> Place {
        let product = rows.combine(Multiply, y, dy);
        let sum = rows.sum(product);
        let shared = rows.combine(Multiply, y, sum);
        rows.combine(Subtract, product, shared)
    }
}

impl RowRule for LogSoftmax {
    /// `dx = dy - e^y sum(dy)`
    fn gradient<T: Float>(rows: &mut Rows<'_, T>, y: Place, dy: Place) -> Place {
        let layout = rows.layout;
        let share = rows.graph.apply(Rc::new(Elementwise { function: function::Exp {}, layout }), &[y]);
        let sum = rows.sum(dy);
        let shared = rows.combine(Multiply, share, sum);
        rows.combine(Subtract, dy, shared)
    }
}

/// A graph in which operations on rows are written down.
pub struct Rows<'a, T: Float> {
    graph: &'a mut dyn Graph<T>,
    layout: Layout,
}

impl<T: Float> Rows<'_, T> {
    fn combine<O: crate::graph::Binary>(&mut self, function: O, a: Place, b: Place) -> Place {
        let operands = [self.graph.layout(a), self.graph.layout(b)];
        self.graph.apply(Rc::new(Combine::new(function, self.layout, operands)), &[a, b])
    }

    /// The sum of each row.
    fn sum(&mut self, x: Place) -> Place {
        let axis = self.layout.rank() - 1;
        let kept = self.layout.with(axis, 1);
        self.graph.apply(Rc::new(Fold::along(Reduction::Sum, self.layout, axis, kept)), &[x])
    }
}

impl<F> Rowwise<F> {
    fn length(&self) -> usize {
        // Of no numbers there are no rows, however long.
        self.layout.lengths().last().map_or(1, |&length| length.max(1))
    }
}

impl<T: Float, F: RowRule> Rule<T> for Rowwise<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        compute(RowForward { function: self.function, n: self.length(), x: x[0], y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let Edges { y, dy, dx, .. } = edges;
        compute(RowBackward { function: self.function, n: self.length(), y, dy, dx: &mut *dx[0] });
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        let mut gradients = [None; MAX_OPERANDS];
        gradients[0] = Some(F::gradient(&mut Rows { graph, layout: self.layout }, places.y, places.dy));
        Derived::Known(gradients)
    }
}
