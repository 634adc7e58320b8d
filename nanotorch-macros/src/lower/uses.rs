//! That everything which is named or computed has a use: what has none was forgotten.

use super::{Reader, Value};
use crate::graph::{Call, Edge};

impl Reader<'_> {
    /// Steps whose result was bound to `_` are no steps, unless it is used by another name, or returned.
    pub(super) fn leave_out_what_was_dropped(&mut self, returned: &mut Value) {
        let dropped = std::mem::take(&mut self.dropped);
        let mut numbers: Vec<usize> = dropped
            .into_iter()
            .filter_map(|edge| if let Edge::Step(step) = edge { Some(step) } else { None })
            .filter(|step| {
                let edge = Edge::Step(*step);
                !self.is_used(edge) && !edges_of(returned).into_iter().any(|returned| *returned == edge)
            })
            .collect();
        numbers.sort_unstable();
        for gone in numbers.into_iter().rev() {
            self.steps.remove(gone);
            let moved = |edge: &mut Edge| match edge {
                Edge::Step(step) if *step > gone => *step -= 1,
                _ => {}
            };
            self.steps.iter_mut().flat_map(|step| &mut step.inputs).for_each(moved);
            self.named.iter_mut().map(|(edge, _)| edge).for_each(moved);
            edges_of(returned).into_iter().for_each(moved);
        }
    }

    fn is_used(&self, edge: Edge) -> bool {
        self.steps.iter().any(|step| step.inputs.contains(&edge))
    }

    /// The rules: every input, result and field.
    pub(super) fn everything_is_used(&self) -> syn::Result<()> {
        for (index, name) in self.inputs.iter().enumerate() {
            if !self.is_used(Edge::Input(index)) {
                return Err(syn::Error::new(
                    name.span(),
                    format!("the input `{name}` is never used; use it, or leave it out here and in `input`"),
                ));
            }
        }
        for (index, step) in self.steps.iter().enumerate() {
            let edge = Edge::Step(index);
            if index + 1 < self.steps.len() && !self.is_used(edge) {
                return Err(match self.named.iter().find(|(named, _)| *named == edge) {
                    Some((_, name)) => syn::Error::new(
                        name.span(),
                        format!("`{name}` is never used; use it, or leave this line out"),
                    ),
                    None => syn::Error::new(
                        step.span,
                        format!("`{}` is computed here, but never used", step.name),
                    ),
                });
            }
        }
        for (number, field) in self.definition.fields.iter().enumerate() {
            let called = self.steps.iter().any(
                |step| matches!(step.call, Call::Field(field) | Call::Parameter(field) if field == number),
            );
            if !called {
                return Err(syn::Error::new(
                    field.name.span(),
                    format!("the field `{}` is never used in `forward`; use it or remove it", field.name),
                ));
            }
        }
        Ok(())
    }
}

/// The edges that a value stands for.
fn edges_of(value: &mut Value) -> Vec<&mut Edge> {
    match value {
        Value::Edge(edge) => vec![edge],
        Value::Tuple(values) => values.iter_mut().flat_map(edges_of).collect(),
        Value::Scalar(_) | Value::Layers(_) => Vec::new(),
    }
}
