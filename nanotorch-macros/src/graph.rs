//! A model as a list of steps between edges. Edge 0 is the model's input; step `i` writes edge `i + 1`.

use crate::parse::Definition;

/// The steps of a model, in order.
pub(crate) struct Graph {
    pub(crate) steps: Vec<Step>,
}

/// One call of a field.
pub(crate) struct Step {
    /// Which field.
    pub(crate) field: usize,
    /// The edge that it reads.
    pub(crate) input: usize,
}

/// Field after field.
pub(crate) fn sequential(definition: &Definition) -> Graph {
    Graph { steps: (0..definition.fields.len()).map(|field| Step { field, input: field }).collect() }
}
