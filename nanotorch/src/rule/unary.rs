//! Functions of one number on every element.

use alloc::rc::Rc;

use super::{Combine, Derived, Edges, Graph, Kind, Layout, MAX_OPERANDS, Places, Room, Rule};
use crate::device::{Calling, Device, Kernel};
use crate::element::Float;
use crate::graph::Multiply;
use crate::op::{Keeps, Unary, UnaryBackward, UnaryForward};
use crate::simd::{Dual, Scalar, Simd, Vector, VectorOf};

/// Runs a kernel on the processor.
pub(crate) fn compute<T: Float, K: Kernel<T>>(kernel: K) {
    Calling::alone().run(kernel);
}

/// `y = f(x)`, element by element.
#[derive(Clone, Copy, Debug)]
pub struct Elementwise<O> {
    /// The function.
    pub function: O,
    /// The shape of operand and result.
    pub layout: Layout,
}

impl<T: Float, O: Unary> Rule<T> for Elementwise<O> {
    fn name(&self) -> &'static str {
        O::NAME
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        compute(UnaryForward { op: self.function, x: x[0], y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let kept = if matches!(O::KEEPS, Keeps::Input) { edges.x[0] } else { edges.y };
        compute(UnaryBackward { op: self.function, kept, dy: edges.dy, dx: &mut *edges.dx[0] });
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        let Elementwise { function, layout } = *self;
        let gradient = match O::KEEPS {
            Keeps::Nothing => graph.apply(Rc::new(Slope { function, layout }), &[places.dy]),
            kept => {
                let kept = if kept == Keeps::Input { places.x[0] } else { places.y };
                let slope = graph.apply(Rc::new(Differential { function, layout, second: false }), &[kept]);
                graph.apply(Rc::new(Combine::new(Multiply, layout, [layout; 2])), &[places.dy, slope])
            }
        };
        let mut gradients = [None; MAX_OPERANDS];
        gradients[0] = Some(gradient);
        Derived::Known(gradients)
    }
}

/// `y = c x`, where `c` is the constant derivative of a function.
struct Slope<O> {
    function: O,
    layout: Layout,
}

impl<T: Float, O: Unary> Rule<T> for Slope<O> {
    fn name(&self) -> &'static str {
        "Slope"
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Linear
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        compute(UnaryBackward { op: self.function, kept: &[], dy: x[0], dx: y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        compute(UnaryBackward { op: self.function, kept: &[], dy: edges.dy, dx: &mut *edges.dx[0] });
    }
}

/// `y = f'(x)`, with the derivative that is written beside `f`, or `y = f''(x)`, which dual numbers make of it. So its own
/// derivative is the next one.
struct Differential<O> {
    function: O,
    layout: Layout,
    /// Whether it is the second derivative.
    second: bool,
}

impl<T: Float, O: Unary> Rule<T> for Differential<O> {
    fn name(&self) -> &'static str {
        if self.second { "SecondDerivative" } else { "Derivative" }
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        Scalar.vectorize(|| {
            for (y, &x) in y.iter_mut().zip(x[0]) {
                let x = VectorOf::<Scalar, T>::splat(Scalar, x);
                *y = if self.second {
                    self.function.derivative(Dual::variable(x)).tangent().sum()
                } else {
                    self.function.derivative(x).sum()
                };
            }
        });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        Scalar.vectorize(|| {
            for ((dx, &x), &dy) in edges.dx[0].iter_mut().zip(edges.x[0]).zip(edges.dy) {
                let x = Dual::variable(VectorOf::<Scalar, T>::splat(Scalar, x));
                *dx = dy
                    * if self.second {
                        self.function.derivative(Dual::variable(x)).tangent().tangent().sum()
                    } else {
                        self.function.derivative(x).tangent().sum()
                    };
            }
        });
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        if self.second {
            return Derived::Unknown;
        }
        let Differential { function, layout, .. } = *self;
        let slope = graph.apply(Rc::new(Differential { function, layout, second: true }), places.x);
        let mut gradients = [None; MAX_OPERANDS];
        let product = Combine::new(Multiply, layout, [layout; 2]);
        gradients[0] = Some(graph.apply(Rc::new(product), &[places.dy, slope]));
        Derived::Known(gradients)
    }
}
