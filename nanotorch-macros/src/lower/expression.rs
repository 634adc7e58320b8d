//! Expressions: names, fields, operators, tuples, scalars.

use quote::quote;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Member, UnOp};

use super::{Reader, STRAIGHT, Value};
use crate::graph::{Call, Edge, Operation, Written, written};
use crate::mistakes::nearest;

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
                let values = tuple.elems.iter().map(|value| self.expression(value));
                Ok(Value::Tuple(values.collect::<syn::Result<_>>()?))
            }
            Expr::Field(_) | Expr::Index(_) => self.member(expression),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
                let edge = self.edge(&unary.expr)?;
                Ok(Value::Edge(self.function(
                    "-",
                    quote!(::nanotorch::graph::names::function::Negative),
                    edge,
                    unary.op.span(),
                    None,
                )))
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::MethodCall(call) => self.method(call),
            Expr::If(inner) => Err(syn::Error::new(
                inner.if_token.span,
                "a forward function can't branch on data; compute both sides and mix them, as `gate * a + (1.0 - gate) * b`",
            )),
            Expr::Match(inner) => Err(syn::Error::new(
                inner.match_token.span,
                "a forward function can't branch on data; compute both sides and mix them, as `gate * a + (1.0 - gate) * b`",
            )),
            Expr::While(inner) => Err(syn::Error::new(inner.while_token.span, LOOPS)),
            Expr::Loop(inner) => Err(syn::Error::new(inner.loop_token.span, LOOPS)),
            Expr::Closure(inner) => Err(syn::Error::new(
                inner.body.span(),
                "a forward function has no closures; write the operation out, or as a method",
            )),
            Expr::Macro(inner) => {
                Err(syn::Error::new_spanned(&inner.mac.path, "a forward function calls no macros"))
            }
            Expr::Call(call) => Err(syn::Error::new_spanned(
                &call.func,
                "a forward function calls fields, as `self.fc1.forward(x)`, and methods of edges, as `x.relu()`; a function of your own becomes a `#[model]`",
            )),
            other => Err(syn::Error::new_spanned(other, STRAIGHT)),
        }
    }

    /// The edge that an expression stands for.
    pub(super) fn edge(&mut self, expression: &Expr) -> syn::Result<Edge> {
        match self.expression(expression)? {
            Value::Edge(edge) => Ok(edge),
            Value::Tuple(values) => Err(syn::Error::new_spanned(
                expression,
                format!(
                    "one edge is wanted here, but this is {}; take it apart with `let (a, b) = ..`",
                    values.len()
                ),
            )),
            Value::Scalar(_) => {
                Err(syn::Error::new_spanned(expression, "an edge is wanted here, but this is a number"))
            }
            Value::Layers(field) => {
                let name = &self.definition.fields[field].name;
                Err(syn::Error::new_spanned(
                    expression,
                    format!("an edge is wanted here; call the layer: `self.{name}.forward(x)`"),
                ))
            }
        }
    }

    fn name(&self, path: &syn::ExprPath) -> syn::Result<Value> {
        let name = path.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match self.lookup(&name) {
            Some(value) => Ok(value.clone()),
            None if name == "self" => {
                Err(syn::Error::new_spanned(path, "`self` is used through its fields: `self.fc1.forward(x)`"))
            }
            None => Err(syn::Error::new_spanned(path, format!("there is no edge `{name}`"))),
        }
    }

    /// Whether an expression is a number: it mentions no edge and not `self`.
    fn is_scalar(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Lit(_) => true,
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) if name == "self" => false,
                Some(name) => match self.lookup(&name.to_string()) {
                    Some(Value::Scalar(_)) => true,
                    Some(_) => false,
                    // A constant or a const parameter, by the case of its name.
                    None => name.to_string().chars().all(|letter| !letter.is_lowercase()),
                },
                None => true,
            },
            Expr::Paren(inner) => self.is_scalar(&inner.expr),
            Expr::Group(inner) => self.is_scalar(&inner.expr),
            Expr::Cast(inner) => self.is_scalar(&inner.expr),
            Expr::Unary(inner) => self.is_scalar(&inner.expr),
            Expr::Binary(inner) => self.is_scalar(&inner.left) && self.is_scalar(&inner.right),
            Expr::MethodCall(call) => {
                self.is_scalar(&call.receiver) && call.args.iter().all(|value| self.is_scalar(value))
            }
            _ => false,
        }
    }

    /// A scalar with the names of scalars in it replaced by their values.
    pub(super) fn scalar(&self, expression: &Expr) -> proc_macro2::TokenStream {
        match expression {
            Expr::Path(path) => match path.path.get_ident().and_then(|name| self.lookup(&name.to_string())) {
                Some(Value::Scalar(value)) => {
                    let value = self.scalar(value);
                    quote!((#value))
                }
                _ => quote!(#expression),
            },
            Expr::Paren(inner) => {
                let inner = self.scalar(&inner.expr);
                quote!((#inner))
            }
            Expr::Unary(inner) => {
                let (operator, value) = (&inner.op, self.scalar(&inner.expr));
                quote!(#operator #value)
            }
            Expr::Binary(inner) => {
                let (left, operator, right) =
                    (self.scalar(&inner.left), &inner.op, self.scalar(&inner.right));
                quote!(#left #operator #right)
            }
            Expr::Cast(inner) => {
                let (value, kind) = (self.scalar(&inner.expr), &inner.ty);
                quote!(#value as #kind)
            }
            other => quote!(#other),
        }
    }

    /// `self.scale`: a parameter as an edge, or layers to be called.
    fn member(&mut self, expression: &Expr) -> syn::Result<Value> {
        if let Value::Layers(field) = self.layers(expression)? {
            if crate::parse::is_parameter(&self.definition.fields[field].kind) {
                return Ok(Value::Edge(self.step(Call::Parameter(field), Vec::new(), expression.span())));
            }
            return Ok(Value::Layers(field));
        }
        Err(syn::Error::new_spanned(expression, STRAIGHT))
    }

    /// The field that `self.name` is.
    pub(super) fn layers(&self, expression: &Expr) -> syn::Result<Value> {
        match expression {
            Expr::Reference(inner) => self.layers(&inner.expr),
            Expr::Paren(inner) => self.layers(&inner.expr),
            Expr::MethodCall(call) if call.method == "iter" && call.args.is_empty() => {
                self.layers(&call.receiver)
            }
            Expr::Field(field) => {
                let on_self = matches!(&*field.base, Expr::Path(path) if path.path.is_ident("self"));
                let Member::Named(name) = &field.member else {
                    return Err(syn::Error::new_spanned(&field.member, "fields have names: `self.fc1`"));
                };
                if !on_self {
                    return Err(syn::Error::new_spanned(
                        &field.member,
                        "only fields of `self` can be used; call the nested model: `self.block.forward(x)`",
                    ));
                }
                let fields = &self.definition.fields;
                fields.iter().position(|field| field.name == *name).map(Value::Layers).ok_or_else(|| {
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
            other => Err(syn::Error::new_spanned(other, "a field is wanted here: `self.fc1`")),
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> syn::Result<Value> {
        let binding = self.binding.take();
        let (left, right) = (self.expression(&binary.left)?, self.expression(&binary.right)?);
        self.binding = binding;
        let span = binary.op.span();
        let (sign, pair) = match &binary.op {
            BinOp::Add(_) => ("+", quote!(Add)),
            BinOp::Sub(_) => ("-", quote!(Subtract)),
            BinOp::Mul(_) => ("*", quote!(Multiply)),
            BinOp::Div(_) => ("/", quote!(Divide)),
            other => {
                return Err(syn::Error::new_spanned(
                    other,
                    "edges have the operators `+ - * /` and unary minus; for powers write `x.powi(2)` or `x.powf(0.5)`",
                ));
            }
        };
        let edge = match (left, right) {
            (Value::Edge(a), Value::Edge(b)) => self.step(
                Call::Operation(Operation::new(sign, quote!(#pair), quote!(#pair))),
                vec![a, b],
                span,
            ),
            (Value::Edge(edge), Value::Scalar(number)) => {
                let formulas = with_number(sign, &number, false);
                let number = self.scalar(&number);
                let function = match sign {
                    "+" => quote!(::nanotorch::graph::names::function::Shift { by: (#number) as f64 }),
                    "-" => quote!(::nanotorch::graph::names::function::Shift { by: -((#number) as f64) }),
                    "*" => quote!(::nanotorch::graph::names::function::Scale { by: (#number) as f64 }),
                    _ => quote!(::nanotorch::graph::names::function::Scale { by: 1.0 / ((#number) as f64) }),
                };
                self.function(sign, function, edge, span, Some(formulas))
            }
            (Value::Scalar(number), Value::Edge(edge)) => {
                let formulas = with_number(sign, &number, true);
                let number = self.scalar(&number);
                let function = match sign {
                    "+" => quote!(::nanotorch::graph::names::function::Shift { by: (#number) as f64 }),
                    "-" => {
                        quote!(::nanotorch::graph::names::function::SubtractFrom { from: (#number) as f64 })
                    }
                    "*" => quote!(::nanotorch::graph::names::function::Scale { by: (#number) as f64 }),
                    _ => quote!(::nanotorch::graph::names::function::DivideInto { number: (#number) as f64 }),
                };
                self.function(sign, function, edge, span, Some(formulas))
            }
            (Value::Edge(_) | Value::Scalar(_), other) => return Err(self.not_an_edge(&binary.right, &other)),
            (other, _) => return Err(self.not_an_edge(&binary.left, &other)),
        };
        Ok(Value::Edge(edge))
    }

    fn not_an_edge(&self, expression: &Expr, value: &Value) -> syn::Error {
        let what = match value {
            Value::Tuple(values) => {
                format!("this is {} edges; take them apart with `let (a, b) = ..`", values.len())
            }
            _ => "this is a layer; call it: `self.fc1.forward(x)`".into(),
        };
        syn::Error::new_spanned(expression, format!("an edge or a number is wanted here, but {what}"))
    }

    /// A function of one number, applied to every element of an edge.
    pub(super) fn function(
        &mut self,
        name: &str,
        function: proc_macro2::TokenStream,
        edge: Edge,
        span: proc_macro2::Span,
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
        self.step(Call::Operation(Operation { written, ..operation }), vec![edge], span)
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
fn function_type(function: &proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    function
        .clone()
        .into_iter()
        .take_while(|token| !matches!(token, proc_macro2::TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace))
        .collect()
}

const LOOPS: &str = "a forward function loops only over an array of layers: `for block in &self.blocks { x = block.forward(x); }`";

/// Names as a list: "`a`, `b` and `c`".
pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => "none".into(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}
