//! How a layer or operation is written on paper: formulas for its value and its derivatives.
//!
//! They stand beside the code that computes them, and are what a model's derived program shows; see [`crate::model::program`].

use super::Unary;

/// A formula in pieces that are to be joined. In it stand `{0}` to `{3}` for the edges that are read, `{y}` for the result,
/// `{dy}` for the gradient of the loss by the result, and `{self}` for the layer.
pub type Formula = &'static [&'static str];

/// A layer's or operation's formulas.
#[derive(Clone, Copy, Debug)]
pub struct Formulas {
    /// The result; of no pieces if it is best written as a call.
    pub value: Formula,
    /// The gradient by each edge that is read; none if they are best written as a call.
    pub edges: &'static [Formula],
    /// The name of each of the layer's own parameters, and the gradient by it.
    pub parameters: &'static [(&'static str, Formula)],
}

impl Formulas {
    /// It is written as a call.
    pub const CALL: Formulas = Formulas { value: &[], edges: &[], parameters: &[] };

    /// Those of a function of one number, applied to every element.
    pub const fn of_function<O: Unary>() -> Formulas {
        Formulas {
            value: if O::FORMULA.is_empty() { &[] } else { &[O::FORMULA] },
            edges: if O::DERIVATIVE.is_empty() { &[] } else { &[&["{dy} * ", O::DERIVATIVE]] },
            parameters: &[],
        }
    }
}
