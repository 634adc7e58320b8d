//! Fields: `self.fc1` as a layer to be called, `self.scale` as a parameter.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall, Ident, Member};

use super::{Reader, Value};
use crate::graph::{Call, Edge, Operation};
use crate::mistakes::{list, nearest};
use crate::parse::is_parameter;

impl Reader<'_> {
    /// `self.scale`: a parameter as an edge, or layers to be called.
    pub(super) fn member(&mut self, expression: &Expr) -> syn::Result<Value> {
        let field = self.field(expression)?;
        if is_parameter(&self.definition.fields[field].kind) {
            return Ok(Value::Edge(self.step(Call::Parameter(field), Vec::new(), member_span(expression))));
        }
        Ok(Value::Layers(field))
    }

    /// The number of the field that `self.name` is.
    pub(super) fn field(&self, expression: &Expr) -> syn::Result<usize> {
        match expression {
            Expr::Reference(inner) => self.field(&inner.expr),
            Expr::Paren(inner) => self.field(&inner.expr),
            Expr::MethodCall(call)
                if matches!(call.method.to_string().as_str(), "iter") && call.args.is_empty() =>
            {
                self.field(&call.receiver)
            }
            Expr::Field(field) => match (&field.member, is_self(&field.base)) {
                (Member::Named(name), true) => self.named_field(name),
                (Member::Unnamed(_), true) => {
                    Err(syn::Error::new_spanned(&field.member, "fields have names: `self.fc1`"))
                }
                (member, false) => Err(self.not_of_self(&field.base, member)),
            },
            Expr::Index(index) => Err(match self.field(&index.expr) {
                Ok(field) => {
                    let name = &self.definition.fields[field].name;
                    syn::Error::new_spanned(
                        index,
                        format!(
                            "the layers of an array run one after the other: `self.{name}.forward(x)`; one that is called by itself is a field of its own"
                        ),
                    )
                }
                Err(_) => syn::Error::new_spanned(
                    index,
                    "an edge isn't indexed; a part of it is `x.slice(axis, 0..1)`",
                ),
            }),
            other => Err(syn::Error::new_spanned(other, "a field is wanted here: `self.fc1`")),
        }
    }

    /// The number of the field of this name.
    fn named_field(&self, name: &Ident) -> syn::Result<usize> {
        let fields = &self.definition.fields;
        fields.iter().position(|field| field.name == *name).ok_or_else(|| {
            let known = fields.iter().map(|field| field.name.to_string()).collect::<Vec<_>>();
            let written = name.to_string();
            let hint = match nearest(&written, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", list(&known)),
            };
            syn::Error::new(
                name.span(),
                format!("`{}` has no field `{written}`; {hint}", self.definition.name),
            )
        })
    }

    /// `self.block.fc` or `x.0`.
    fn not_of_self(&self, base: &Expr, member: &Member) -> syn::Error {
        let message = match (self.field(base), member) {
            (Ok(field), Member::Named(inner)) => {
                let name = &self.definition.fields[field].name;
                format!(
                    "only the model's own fields can be used: call the whole of it, `self.{name}.forward(x)`, or make `{inner}` a field of `{}`",
                    self.definition.name
                )
            }
            (Ok(_), Member::Unnamed(_)) => "fields have names: `self.fc1`".into(),
            (Err(_), Member::Unnamed(_)) => {
                "edges have no parts by number; take several apart with `let (a, b) = ..`".into()
            }
            (Err(_), Member::Named(_)) => {
                "edges have no fields; what there is are methods, as `x.relu()`, and the model's fields, as `self.fc1`".into()
            }
        };
        syn::Error::new_spanned(member, message)
    }

    /// `self.double(x)`, `self.fc(x)`, `self.forward(x)`: a call of the model itself.
    pub(super) fn call_of_self(&self, call: &ExprMethodCall) -> syn::Error {
        let name = call.method.to_string();
        let fields: Vec<_> = self.definition.fields.iter().map(|field| field.name.to_string()).collect();
        let message = if name == "forward" {
            "`forward` can't call itself: it would have no end; call a field, as `self.fc1.forward(x)`".into()
        } else if let Some(near) = nearest(&name, fields.iter().map(String::as_str)) {
            format!("a field is called by its `forward`: write `self.{near}.forward(x)`")
        } else {
            format!(
                "a forward function calls fields, as `self.fc1.forward(x)`, and methods of edges; write `{name}` out, or make it a `#[model]` of its own"
            )
        };
        syn::Error::new(call.method.span(), message)
    }

    /// `self.fc1.forward(x)`, or with several edges for a model that has several inputs.
    pub(super) fn field_call(
        &mut self,
        field: usize,
        call: &ExprMethodCall,
        binding: Option<String>,
    ) -> syn::Result<Value> {
        if let Some(turbofish) = &call.turbofish {
            return Err(syn::Error::new_spanned(turbofish, "shapes are derived: leave this out"));
        }
        let mut edges = Vec::new();
        for argument in &call.args {
            match self.expression(argument)? {
                Value::Edge(edge) => edges.push(edge),
                Value::Tuple(values) => {
                    edges.extend(values.into_iter().filter_map(|value| match value {
                        Value::Edge(edge) => Some(edge),
                        _ => None,
                    }));
                }
                Value::Scalar(_) => {
                    return Err(syn::Error::new_spanned(
                        argument,
                        "a layer is called with an edge; this is a number",
                    ));
                }
                Value::Layers(other) => {
                    let name = &self.definition.fields[other].name;
                    return Err(syn::Error::new_spanned(
                        argument,
                        format!(
                            "a layer is called with an edge; call this layer first: `self.{name}.forward(x)`"
                        ),
                    ));
                }
            }
        }
        // The field's own name, in the receiver, is where a mistake in its shape is shown.
        let span = member_span(&call.receiver);
        let input = match edges.len() {
            0 => {
                return Err(syn::Error::new(
                    call.method.span(),
                    "a layer is called with an edge: `.forward(x)`",
                ));
            }
            1 => edges[0],
            2..=4 => self.operation(Operation::join(), edges, span),
            many => {
                return Err(syn::Error::new(
                    call.method.span(),
                    format!("a model takes at most 4 inputs, but this gives it {many}"),
                ));
            }
        };
        self.binding = binding;
        Ok(Value::Edge(self.step(Call::Field(field), vec![input], span)))
    }

    /// The edge that an expression stands for.
    pub(super) fn edge(&mut self, expression: &Expr) -> syn::Result<Edge> {
        let message = match self.expression(expression)? {
            Value::Edge(edge) => return Ok(edge),
            Value::Tuple(values) => format!(
                "one edge is wanted here, but this is {}; take it apart with `let (a, b) = ..`",
                values.len()
            ),
            Value::Scalar(_) => "an edge is wanted here, but this is a number".into(),
            Value::Layers(field) => self.call_it(field, "an edge is wanted here, but this is a layer"),
        };
        Err(syn::Error::new_spanned(expression, message))
    }

    /// What is said of a layer that stands where an edge does.
    pub(super) fn call_it(&self, field: usize, what: &str) -> String {
        format!("{what}; call it: `self.{}.forward(x)`", self.definition.fields[field].name)
    }
}

fn is_self(expression: &Expr) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident("self"))
}

/// Where the name in `self.name` stands.
pub(super) fn member_span(expression: &Expr) -> Span {
    match expression {
        Expr::Field(field) => field.member.span(),
        Expr::Reference(inner) => member_span(&inner.expr),
        Expr::Paren(inner) => member_span(&inner.expr),
        Expr::MethodCall(call) => member_span(&call.receiver),
        other => other.span(),
    }
}
