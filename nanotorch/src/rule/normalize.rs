//! Normalisation of groups of neighbours.
//!
//! Statistics are kept for backward. The next derivative is that of the gradient as operations, with statistics computed anew.

#[cfg(feature = "convolution")]
mod batch;

use alloc::rc::Rc;

use super::unary::compute;
use super::{
    Combine, Derived, Edges, Elementwise, Fold, Graph, Kind, Layout, MAX_OPERANDS, Place, Places, Reduction,
    Room, Rule,
};
use crate::element::Float;
use crate::graph::{Multiply, Subtract, function};
use crate::kernel::Accumulate;
use crate::kernel::normalize::Normalization;
use crate::op::elementary::Rsqrt;
#[cfg(feature = "convolution")]
pub use batch::NormalizeBatch;

use crate::op::normalization::{NormalizationBackward, NormalizationForward};

/// `y = (x - mean) / √(variance + ε)` for each group of neighbours.
#[derive(Clone, Copy, Debug)]
pub struct Normalize {
    /// What is normalised together.
    pub size: Normalization,
    /// ONNX's name for it.
    pub name: &'static str,
    /// The shape of operand and result.
    pub layout: Layout,
}

impl<T: Float> Rule<T> for Normalize {
    fn name(&self) -> &'static str {
        self.name
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn kept(&self) -> usize {
        2 * (self.layout.len() / self.size.length)
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        let Normalize { size, name, .. } = *self;
        let kept = room.kept;
        compute(NormalizationForward { name, size, x: x[0], weight: &[], bias: &[], y, kept });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let Edges { x, kept, dy, dx, .. } = edges;
        compute(NormalizationBackward {
            size: self.size,
            x: x[0],
            weight: &[],
            kept,
            dy,
            dx: Some(&mut *dx[0]),
            dweight: &mut [],
            dbias: &mut [],
            accumulate: Accumulate::Replace,
        });
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        let Normalization { length, centred, epsilon, .. } = self.size;
        let groups = self.layout.len() / length;
        Moments { graph, layout: self.layout, sizes: [groups, length, 1], along: [false, true, false] }
            .derive(places, centred, epsilon)
    }
}

/// Means along some of three axes, as operations.
struct Moments<'a, T: Float> {
    graph: &'a mut dyn Graph<T>,
    layout: Layout,
    sizes: [usize; 3],
    along: [bool; 3],
}

impl<T: Float> Moments<'_, T> {
    /// `dx = (dy - mean dy - y mean(y dy)) / √(variance + ε)`, without the first mean unless centred.
    fn derive(mut self, places: &Places<'_>, centred: bool, epsilon: f64) -> Derived {
        let (x, y, dy) = (places.x[0], places.y, places.dy);
        let centre = if centred { self.around_mean(x) } else { x };
        let square = self.combine(Multiply, centre, centre);
        let (variance, layout) = self.mean(square);
        let shift = Elementwise { function: function::Shift { by: epsilon }, layout };
        let shifted = self.graph.apply(Rc::new(shift), &[variance]);
        let scale = self.graph.apply(Rc::new(Elementwise { function: Rsqrt, layout }), &[shifted]);
        let product = self.combine(Multiply, y, dy);
        let (share, _) = self.mean(product);
        let shared = self.combine_with(Multiply, y, share, layout);
        let rest = if centred { self.around_mean(dy) } else { dy };
        let change = self.combine(Subtract, rest, shared);
        let scaled = Combine::new(Multiply, self.whole(), [self.whole(), layout]);
        let scaled = self.graph.apply(Rc::new(scaled), &[change, scale]);
        let mut gradients = [None; MAX_OPERANDS];
        let shaped = super::Moved(super::Arrange::reshaped(self.layout));
        gradients[0] = Some(self.graph.apply(Rc::new(shaped), &[scaled]));
        Derived::Known(gradients)
    }

    fn whole(&self) -> Layout {
        Layout::new(&self.sizes)
    }

    fn combine<O: crate::graph::Binary>(&mut self, function: O, a: Place, b: Place) -> Place {
        self.combine_with(function, a, b, self.whole())
    }

    fn combine_with<O: crate::graph::Binary>(
        &mut self,
        function: O,
        a: Place,
        b: Place,
        of_b: Layout,
    ) -> Place {
        let whole = self.whole();
        self.graph.apply(Rc::new(Combine::new(function, whole, [whole, of_b])), &[a, b])
    }

    /// The mean, and the shape in which it is repeated.
    fn mean(&mut self, x: Place) -> (Place, Layout) {
        let (mut place, mut layout) = (x, self.whole());
        for axis in 0..3 {
            if self.along[axis] {
                let shorter = layout.with(axis, 1);
                let fold = Fold::along(Reduction::Mean, layout, axis, shorter);
                place = self.graph.apply(Rc::new(fold), &[place]);
                layout = shorter;
            }
        }
        (place, layout)
    }

    /// `x - mean x`
    fn around_mean(&mut self, x: Place) -> Place {
        let (mean, layout) = self.mean(x);
        self.combine_with(Subtract, x, mean, layout)
    }
}
