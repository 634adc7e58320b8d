//! Convolutions and poolings of batches.

use alloc::rc::Rc;

use super::unary::compute;
use super::{Derived, Edges, Graph, Kind, Layout, MAX_OPERANDS, Place, Places, Room, Rule};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::convolution::Convolution;
use crate::kernel::pool::pick_maxima;
use crate::kernel::window::Window;
use crate::op::convolution::{ConvolutionForward, ConvolutionInputGradient, ConvolutionWeightGradient};
use crate::op::pool::{AdaptiveMean, Pool, PoolBackward, PoolForward};

/// `y = x ⋆ w`, or, transposed, `y = x ⋆ᵀ w`: linear in each of both.
#[derive(Clone, Copy, Debug)]
pub struct Convolve {
    /// All sizes but the number of samples; of a transposed convolution those of the convolution that it reverses.
    pub size: Convolution,
    /// Axes that the window slides over.
    pub axes: usize,
    /// Samples.
    pub rows: usize,
    /// Whether it is transposed.
    pub transposed: bool,
    /// The shape of the result.
    pub layout: Layout,
}

impl Convolve {
    /// From the input's side to the output's.
    fn down<T: Float>(&self, x: &[T], weight: &[T], y: &mut [T], workspace: &mut [T]) {
        let Convolve { size, axes: rank, rows, .. } = self;
        let (rank, rows) = (*rank, *rows);
        compute(ConvolutionForward { size, rank, rows, x, weight, bias: &[], y, workspace });
    }

    /// From the output's side to the input's.
    fn up<T: Float>(&self, dy: &[T], weight: &[T], dx: &mut [T], workspace: &mut [T]) {
        let Convolve { size, axes: rank, rows, .. } = self;
        let (rank, rows) = (*rank, *rows);
        compute(ConvolutionInputGradient { size, rank, rows, dy, weight, bias: &[], dx, workspace });
    }
}

impl<T: Float> Rule<T> for Convolve {
    fn name(&self) -> &'static str {
        if self.transposed { "ConvTranspose" } else { "Conv" }
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Bilinear
    }
    fn workspace(&self) -> usize {
        if self.transposed { self.size.input_gradient_workspace() } else { self.size.forward_workspace() }
    }
    fn backward_workspace(&self) -> usize {
        let by_input = if self.transposed {
            self.size.forward_workspace()
        } else {
            self.size.input_gradient_workspace()
        };
        by_input.max(self.size.weight_gradient_workspace())
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        if self.transposed {
            self.up(x[0], x[1], y, room.workspace);
        } else {
            self.down(x[0], x[1], y, room.workspace);
        }
    }
    fn backward(&self, edges: Edges<'_, '_, T>, workspace: &mut [T]) {
        let Edges { x: [x, weight], dy, dx: [dx, dweight], .. } = edges else { return };
        if !dx.is_empty() {
            if self.transposed {
                self.down(dy, weight, dx, workspace);
            } else {
                self.up(dy, weight, dx, workspace);
            }
        }
        if !dweight.is_empty() {
            // What goes into the convolution that a transposed one reverses is its output.
            let (into, from) = if self.transposed { (dy, *x) } else { (*x, dy) };
            compute(ConvolutionWeightGradient {
                size: &self.size,
                rows: self.rows,
                x: into,
                dy: from,
                weight: dweight,
                bias: &mut [],
                accumulate: Accumulate::Replace,
                workspace,
            });
        }
    }
}

/// `y = pool(x)`, plane by plane.
#[derive(Clone, Copy, Debug)]
pub struct Pooled<P> {
    /// What becomes of the numbers under the window.
    pub pool: P,
    /// The window.
    pub window: Window,
    /// Axes that it slides over.
    pub axes: usize,
    /// The shape of the result.
    pub layout: Layout,
}

impl<T: Float, P: Pool> Rule<T> for Pooled<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        if P::KEEPS { Kind::Curved } else { Kind::Linear }
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        compute(PoolForward { pool: self.pool, window: &self.window, rank: self.axes, x: x[0], y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let Edges { x, y, dy, dx, .. } = edges;
        let (x, y) = if P::KEEPS { (x[0], y) } else { ([].as_slice(), [].as_slice()) };
        compute(PoolBackward { pool: self.pool, window: &self.window, x, y, dy, dx: &mut *dx[0] });
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        let operand = graph.layout(places.x[0]);
        Chosen { pooled: *self, operand, picks: false }.write(graph, places.x[0], places.dy, 0)
    }
}

/// What goes by the numbers that a maximum has chosen: gradients go back to them, or numbers at their places are picked. The
/// operands are the numbers among which is chosen, and what goes; each of both is the other's adjoint.
///
/// By the numbers themselves there is no derivative: a small change doesn't change the choice.
#[derive(Clone, Copy)]
struct Chosen<P> {
    pooled: Pooled<P>,
    /// The shape of what is chosen among.
    operand: Layout,
    /// Whether numbers are picked.
    picks: bool,
}

impl<P: Pool> Chosen<P> {
    /// As the only gradient that there is.
    fn write<T: Float>(self, graph: &mut dyn Graph<T>, x: Place, goes: Place, operand: usize) -> Derived {
        let mut gradients = [None; MAX_OPERANDS];
        gradients[operand] = Some(graph.apply(Rc::new(self), &[x, goes]));
        Derived::Known(gradients)
    }

    fn carry<T: Float>(&self, picks: bool, x: &[T], goes: &[T], result: &mut [T], workspace: &mut [T]) {
        let Pooled { pool, window, axes, .. } = &self.pooled;
        let y = &mut workspace[..self.pooled.layout.len()];
        compute(PoolForward { pool: *pool, window, rank: *axes, x, y: &mut *y });
        if picks {
            pick_maxima(window, x, y, goes, result);
        } else {
            compute(PoolBackward { pool: *pool, window, x, y, dy: goes, dx: result });
        }
    }
}

impl<T: Float, P: Pool> Rule<T> for Chosen<P> {
    fn name(&self) -> &'static str {
        if self.picks { "Chosen" } else { "ToChosen" }
    }
    fn layout(&self) -> Layout {
        if self.picks { self.pooled.layout } else { self.operand }
    }
    fn kind(&self) -> Kind {
        Kind::Curved
    }
    fn workspace(&self) -> usize {
        self.pooled.layout.len()
    }
    fn backward_workspace(&self) -> usize {
        self.pooled.layout.len()
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>) {
        self.carry(self.picks, x[0], x[1], y, room.workspace);
    }
    fn backward(&self, edges: Edges<'_, '_, T>, workspace: &mut [T]) {
        let Edges { x: [x, _], dy, dx: [by_numbers, by_going], .. } = edges else { return };
        by_numbers.fill(T::ZERO);
        if !by_going.is_empty() {
            self.carry(!self.picks, x, dy, by_going, workspace);
        }
    }
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        Chosen { picks: !self.picks, ..*self }.write(graph, places.x[0], places.dy, 1)
    }
}

/// The means of as many parts as the result has places, plane by plane.
#[derive(Clone, Copy, Debug)]
pub struct AdaptiveMeans {
    /// Lengths of a plane of the operand.
    pub input: [usize; 3],
    /// Lengths of a plane of the result.
    pub output: [usize; 3],
    /// The shape of the result.
    pub layout: Layout,
}

impl<T: Float> Rule<T> for AdaptiveMeans {
    fn name(&self) -> &'static str {
        "AdaptiveAveragePool"
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Linear
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        let AdaptiveMeans { input, output, .. } = *self;
        compute(AdaptiveMean { input, output, backward: false, from: x[0], to: y });
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        let AdaptiveMeans { input, output, .. } = *self;
        compute(AdaptiveMean { input, output, backward: true, from: edges.dy, to: &mut *edges.dx[0] });
    }
}
