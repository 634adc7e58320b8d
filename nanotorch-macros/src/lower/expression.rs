//! Expressions: names, fields, operators, tuples, scalars.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, UnOp};

use super::{Reader, Value, refused};
use crate::graph::{Edge, Operation, Written, written};
use crate::mistakes::{list, nearest};

impl Reader<'_> {
    /// What an expression stands for; its steps are added.
    pub(super) fn expression(&mut self, expression: &Expr) -> syn::Result<Value> {
        if self.is_scalar(expression) {
            return Ok(Value::Scalar(expression.clone()));
        }
        match expression {
            Expr::Path(path) => self.name(path),
            Expr::Paren(inner) => self.expression(&inner.expr),
            Expr::Group(inner) => self.expression(&inner.expr),
            Expr::Reference(inner) => self.expression(&inner.expr),
            Expr::Block(inner) if inner.attrs.is_empty() && inner.label.is_none() => self.block(&inner.block),
            Expr::Tuple(tuple) => {
                let binding = self.binding.take();
                let values = tuple.elems.iter().map(|value| self.expression(value));
                let values = Value::Tuple(values.collect::<syn::Result<_>>()?);
                self.binding = binding;
                Ok(values)
            }
            Expr::Field(_) | Expr::Index(_) => self.member(expression),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
                let binding = self.binding.take();
                let edge = self.edge(&unary.expr)?;
                self.binding = binding;
                let negative = quote!(::nanotorch::graph::names::function::Negative);
                Ok(Value::Edge(self.function("-", negative, edge, unary.op.span(), None)))
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::MethodCall(call) => self.method(call),
            other => Err(refused::expression(other)),
        }
    }

    fn name(&self, path: &syn::ExprPath) -> syn::Result<Value> {
        let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
        if let Some(bound) = self.lookup(&name) {
            return Ok(bound.value.clone());
        }
        let message = if name == "self" {
            "`self` is used through its fields: `self.fc1.forward(x)`".into()
        } else if self.definition.fields.iter().any(|field| field.name == name) {
            format!("there is no edge `{name}`, but a field: write `self.{name}`")
        } else {
            let mut known: Vec<_> =
                self.scopes.iter().flat_map(|scope| scope.keys()).map(String::as_str).collect();
            known.sort_unstable();
            match nearest(&name, known.iter().copied()) {
                Some(near) => format!("there is no edge `{name}`; did you mean `{near}`?"),
                None => format!("there is no edge `{name}`; what has a name here: {}", list(&known)),
            }
        };
        Err(syn::Error::new_spanned(path, message))
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> syn::Result<Value> {
        let (sign, pair) = match &binary.op {
            BinOp::Add(_) => ("+", quote!(Add)),
            BinOp::Sub(_) => ("-", quote!(Subtract)),
            BinOp::Mul(_) => ("*", quote!(Multiply)),
            BinOp::Div(_) => ("/", quote!(Divide)),
            other => return Err(refused::operator(other)),
        };
        let binding = self.binding.take();
        let (left, right) = (self.expression(&binary.left)?, self.expression(&binary.right)?);
        self.binding = binding;
        let span = binary.op.span();
        let names = quote!(::nanotorch::graph::names::function);
        let edge = match (left, right) {
            (Value::Edge(a), Value::Edge(b)) => {
                self.operation(Operation::new(sign, pair.clone(), pair), vec![a, b], span)
            }
            (Value::Edge(edge), Value::Scalar(number)) => {
                let formulas = with_number(sign, &number, false);
                let number = self.number(&number);
                let function = match sign {
                    "+" => quote!(#names::Shift { by: #number }),
                    "-" => quote!(#names::Shift { by: -#number }),
                    "*" => quote!(#names::Scale { by: #number }),
                    _ => quote!(#names::Scale { by: 1.0 / #number }),
                };
                self.function(sign, function, edge, span, Some(formulas))
            }
            (Value::Scalar(number), Value::Edge(edge)) => {
                let formulas = with_number(sign, &number, true);
                let number = self.number(&number);
                let function = match sign {
                    "+" => quote!(#names::Shift { by: #number }),
                    "-" => quote!(#names::SubtractFrom { from: #number }),
                    "*" => quote!(#names::Scale { by: #number }),
                    _ => quote!(#names::DivideInto { number: #number }),
                };
                self.function(sign, function, edge, span, Some(formulas))
            }
            (Value::Edge(_) | Value::Scalar(_), other) => return Err(self.not_an_edge(&binary.right, &other)),
            (other, _) => return Err(self.not_an_edge(&binary.left, &other)),
        };
        Ok(Value::Edge(edge))
    }

    fn not_an_edge(&self, expression: &Expr, value: &Value) -> syn::Error {
        let message = match value {
            Value::Tuple(values) => format!(
                "an edge or a number is wanted here, but this is {} edges; take them apart with `let (a, b) = ..`",
                values.len()
            ),
            Value::Layers(field) => {
                self.call_it(*field, "an edge or a number is wanted here, but this is a layer")
            }
            Value::Edge(_) | Value::Scalar(_) => "an edge or a number is wanted here".into(),
        };
        syn::Error::new_spanned(expression, message)
    }

    /// A function of one number, applied to every element of an edge.
    pub(super) fn function(
        &mut self,
        name: &str,
        function: TokenStream,
        edge: Edge,
        span: Span,
        written: Option<Written>,
    ) -> Edge {
        let kind = function_type(&function);
        // A function without numbers is written as a struct without fields.
        let value = if kind.clone().into_iter().count() == function.clone().into_iter().count() {
            quote!(#function {})
        } else {
            function
        };
        let operation = Operation::new(name, quote!(Apply<#kind>), quote!(Apply(#value)));
        self.operation(Operation { written, ..operation }, vec![edge], span)
    }
}

/// The formulas of an edge and a number.
fn with_number(sign: &str, number: &Expr, number_first: bool) -> Written {
    let number = written(number);
    let value =
        if number_first { format!("{number} {sign} {{0}}") } else { format!("{{0}} {sign} {number}") };
    let derivative = match (sign, number_first) {
        ("+", _) | ("-", false) => "{dy}".into(),
        ("-", true) => "-{dy}".into(),
        ("*", _) => format!("{{dy}} * {number}"),
        (_, false) => format!("{{dy}} / {number}"),
        (_, true) => format!("-{{dy}} * {number} / {{0}}²"),
    };
    Written { value, derivative: Some(derivative) }
}

/// The type of a function's value: what stands before its fields.
fn function_type(function: &TokenStream) -> TokenStream {
    let is_fields =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    function.clone().into_iter().take_while(|token| !is_fields(token)).collect()
}
