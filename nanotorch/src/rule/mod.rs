//! Operations on arrays whose shapes are values: what tensors run at once, and what the tape writes down.
//!
//! A [`Rule`] is an operation with its sizes. It calls the kernels and the functions that forward functions of models are made
//! of ([`crate::op`], [`crate::graph`]), where value and derivative are written once; here they meet shapes that are known
//! when the program runs. So there is one compiled rule for each function and element type, whatever the shapes.
//!
//! A second derivative isn't written at all. It follows from the [`Kind`] of a rule:
//!
//! | kind | the gradient by an operand, as operations |
//! | --- | --- |
//! | linear | the adjoint, which is the rule's own backward; the adjoint's backward is the rule's forward |
//! | bilinear | the partial adjoints, which are bilinear as well, and whose backwards are each other and the rule itself |
//! | curved | the derivative function times the gradient; the derivative's derivative comes from [dual numbers](crate::simd::Dual) |
//! | flat | none |

mod binary;
mod broadcast;
mod fold;
mod linear;
mod movement;
mod normalize;
mod over;
mod product;
#[cfg(feature = "convolution")]
mod resample;
mod rows;
mod scan;
mod unary;
#[cfg(feature = "convolution")]
mod window;

use alloc::rc::Rc;
use core::any::Any;

use crate::element::Float;
use crate::shape::Layout;

pub use binary::Combine;
pub use broadcast::Broadcasting;
pub use fold::{Fold, Reduction};
pub use linear::{Adjoint, Partial};
pub use movement::{Arrange, Gather, Join, Moved, Movement, Pad, Select, Triangle};
pub use normalize::Normalize;
#[cfg(feature = "convolution")]
pub use normalize::NormalizeBatch;
pub(crate) use over::{combine_over, zip_over};
pub use product::Product;
#[cfg(feature = "convolution")]
pub use resample::Mapped;
pub use rows::Rowwise;
pub use scan::{Cumulate, order_by};
pub use unary::Elementwise;
pub(crate) use unary::compute;
#[cfg(feature = "convolution")]
pub use window::{AdaptiveMeans, Convolve, Pooled};

/// How the gradient of a rule depends on its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The rule is linear in all operands together. Its backward reads neither operands nor result.
    Linear,
    /// The rule has two operands and is linear in each of them. Its backward doesn't read the result.
    Bilinear,
    /// The derivative is 0 wherever there is one.
    Flat,
    /// Anything else: [`Rule::derive`] says it.
    Curved,
}

/// An operation with its sizes.
pub trait Rule<T: Float>: Any {
    /// ONNX's name for it, or ours where ONNX has none.
    fn name(&self) -> &'static str;
    /// The shape of the result.
    fn layout(&self) -> Layout;
    /// How the gradient depends on the operands.
    fn kind(&self) -> Kind;
    /// How many numbers forward keeps for backward.
    fn kept(&self) -> usize {
        0
    }
    /// How many numbers of workspace forward needs.
    fn workspace(&self) -> usize {
        0
    }
    /// How many numbers of workspace backward needs.
    fn backward_workspace(&self) -> usize {
        0
    }
    /// Computes `y` from the operands.
    fn forward(&self, x: &[&[T]], y: &mut [T], room: Room<'_, T>);
    /// Computes the gradients by the operands; what is in their memory is overwritten.
    fn backward(&self, edges: Edges<'_, '_, T>, workspace: &mut [T]);
    /// Writes down the gradients by the operands as operations, where the rule is [curved](Kind::Curved).
    fn derive(&self, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
        let _ = (graph, places);
        Derived::Unknown
    }
}

/// What forward may write to beside the result.
pub struct Room<'a, T> {
    /// What backward is shown again: as many numbers as [`Rule::kept`] says, whatever they are.
    pub kept: &'a mut [T],
    /// At least as many numbers as [`Rule::workspace`] says, whatever they are.
    pub workspace: &'a mut [T],
}

impl<'a, T> Room<'a, T> {
    /// Room for a rule that keeps nothing.
    pub fn to_work(workspace: &'a mut [T]) -> Self {
        Room { kept: &mut [], workspace }
    }
}

/// The arrays at a rule in the backward pass.
pub struct Edges<'a, 'b, T> {
    /// The operands.
    pub x: &'a [&'b [T]],
    /// The result.
    pub y: &'a [T],
    /// What forward has kept.
    pub kept: &'a [T],
    /// The gradient by the result.
    pub dy: &'a [T],
    /// Where the gradient by each operand goes; empty where nobody wants it.
    pub dx: &'a mut [&'b mut [T]],
}

/// The place of an array in a [`Graph`].
pub type Place = usize;

/// The most operands that a rule has.
pub const MAX_OPERANDS: usize = 4;

/// The arrays at a rule, as places in a graph.
pub struct Places<'a> {
    /// The operands.
    pub x: &'a [Place],
    /// The result.
    pub y: Place,
    /// The gradient by the result.
    pub dy: Place,
    /// Which operands' gradients are wanted.
    pub wanted: &'a [bool],
}

/// The gradients by the operands of a rule, as places in a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived {
    /// For each operand the gradient, where there is one.
    Known([Option<Place>; MAX_OPERANDS]),
    /// The rule has no derivative of its derivative.
    Unknown,
}

/// Something that operations can be written down in.
pub trait Graph<T: Float> {
    /// Carries out a rule and writes it down.
    fn apply(&mut self, rule: Rc<dyn Rule<T>>, x: &[Place]) -> Place;
    /// The shape of an array.
    fn layout(&self, place: Place) -> Layout;
}

/// The gradients by the operands of a rule, written down as operations.
pub fn derive<T: Float>(rule: &Rc<dyn Rule<T>>, graph: &mut dyn Graph<T>, places: &Places<'_>) -> Derived {
    let mut gradients = [None; MAX_OPERANDS];
    match rule.kind() {
        Kind::Flat => {}
        Kind::Curved => return rule.derive(graph, places),
        Kind::Linear => {
            for (operand, gradient) in gradients.iter_mut().enumerate().take(places.x.len()) {
                if places.wanted[operand] {
                    let layouts = Adjoint::<T>::layouts(places.x.iter().map(|&place| graph.layout(place)));
                    let adjoint = Adjoint { rule: rule.clone(), operand, count: places.x.len(), layouts };
                    *gradient = Some(graph.apply(Rc::new(adjoint), &[places.dy]));
                }
            }
        }
        Kind::Bilinear => {
            for (operand, gradient) in gradients.iter_mut().enumerate().take(2) {
                if places.wanted[operand] {
                    let layouts = places.x.iter().map(|&place| graph.layout(place));
                    let partial = Partial::new(rule.clone(), operand, layouts);
                    let other = places.x[1 - operand];
                    *gradient = Some(graph.apply(Rc::new(partial), &[other, places.dy]));
                }
            }
        }
    }
    Derived::Known(gradients)
}
