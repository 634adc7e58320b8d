//! Methods of edges, and fields called as layers. The table at the end is the list of what there is.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall};

use super::expression::list;
use super::{Reader, Value};
use crate::graph::{Call, Edge, Operation, Written, written};
use crate::mistakes::nearest;

impl Reader<'_> {
    pub(super) fn method(&mut self, call: &ExprMethodCall) -> syn::Result<Value> {
        let binding = self.binding.take();
        let receiver = match &*call.receiver {
            // `self.fc1.forward(x)`, and `self.scale.exp()` on a parameter.
            Expr::Field(_) if call.method == "forward" => self.layers(&call.receiver)?,
            other => self.expression(other)?,
        };
        match receiver {
            Value::Layers(field) if call.method == "forward" => self.field_call(field, call, binding),
            Value::Layers(field) => {
                let name = &self.definition.fields[field].name;
                Err(syn::Error::new(
                    call.method.span(),
                    format!("`{name}` is a layer; call it: `self.{name}.forward(x)`"),
                ))
            }
            Value::Edge(edge) => self.edge_method(edge, call, binding),
            Value::Tuple(_) => Err(syn::Error::new(
                call.method.span(),
                "these are several edges; take them apart with `let (a, b) = ..` first",
            )),
            Value::Scalar(_) => Err(syn::Error::new(call.method.span(), "this is a number, not an edge")),
        }
    }

    fn field_call(
        &mut self,
        field: usize,
        call: &ExprMethodCall,
        binding: Option<String>,
    ) -> syn::Result<Value> {
        let mut edges = Vec::new();
        for argument in &call.args {
            match self.expression(argument)? {
                Value::Edge(edge) => edges.push(edge),
                Value::Tuple(values) => {
                    for value in values {
                        if let Value::Edge(edge) = value {
                            edges.push(edge);
                        }
                    }
                }
                _ => return Err(syn::Error::new_spanned(argument, "a layer is called with edges")),
            }
        }
        // The field's own name, in the receiver, is where a mistake in its shape is shown.
        let span = match &*call.receiver {
            Expr::Field(receiver) => receiver.member.span(),
            other => other.span(),
        };
        let input = match edges.len() {
            0 => {
                return Err(syn::Error::new(
                    call.method.span(),
                    "a layer is called with an edge: `.forward(x)`",
                ));
            }
            1 => edges[0],
            2..=4 => self.operation("join", quote!(Join), quote!(Join), edges, span),
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

    fn operation(
        &mut self,
        name: &str,
        kind: TokenStream,
        value: TokenStream,
        edges: Vec<Edge>,
        span: proc_macro2::Span,
    ) -> Edge {
        self.step(Call::Operation(Operation::new(name, kind, value)), edges, span)
    }

    fn edge_method(
        &mut self,
        edge: Edge,
        call: &ExprMethodCall,
        binding: Option<String>,
    ) -> syn::Result<Value> {
        let name = call.method.to_string();
        let span = call.method.span();
        let arguments: Vec<_> = call.args.iter().collect();
        let wrong = |wanted: &str| {
            Err(syn::Error::new(
                span,
                format!("`{name}` is called as `{wanted}`, but there are {} arguments", arguments.len()),
            ))
        };
        let unary = |reader: &mut Self, kind: TokenStream| {
            reader.binding = binding.clone();
            let written = arguments.first().map(|power| {
                let power = written(power);
                Written {
                    value: format!("{{0}}.{name}({power})"),
                    derivative: Some(format!("{{dy}} * {power} {{0}}^({power} - 1)")),
                }
            });
            Ok(Value::Edge(reader.function(&name, kind, edge, span, written)))
        };
        if let Some((_, kind)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
            if !arguments.is_empty() {
                return wrong(&format!("x.{name}()"));
            }
            let kind: TokenStream =
                kind.parse().map_err(|_| syn::Error::new(span, "this method has no function"))?;
            return unary(self, quote!(::nanotorch::graph::names::#kind));
        }
        let (kind, edges) = match (name.as_str(), &arguments[..]) {
            ("powf" | "powi", [power]) => {
                let power = self.scalar(power);
                return unary(
                    self,
                    quote!(::nanotorch::graph::names::function::Power { exponent: (#power) as f64 }),
                );
            }
            ("powf" | "powi", _) => return wrong(&format!("x.{name}(2)")),
            ("softmax", []) => (quote!(Rowwise<::nanotorch::graph::names::softmax::Softmax>), vec![edge]),
            ("log_softmax", []) => {
                (quote!(Rowwise<::nanotorch::graph::names::softmax::LogSoftmax>), vec![edge])
            }
            ("detach", []) => (quote!(Detach), vec![edge]),
            ("flatten", []) => (quote!(Flatten), vec![edge]),
            ("t", []) => (quote!(TransposeLast), vec![edge]),
            ("matmul", [other]) => (quote!(MatrixProduct), vec![edge, self.edge(other)?]),
            ("reshape", [Expr::Array(lengths)]) => {
                let lengths = lengths.elems.iter();
                (quote!(Reshape<(#(::nanotorch::shape::Const<{ #lengths }>,)*)>), vec![edge])
            }
            ("reshape", _) => return wrong("x.reshape([4, 16])"),
            ("transpose", [a, b]) => (quote!(Transpose<{ #a }, { #b }>), vec![edge]),
            ("permute", [Expr::Array(axes)]) if (1..=6).contains(&axes.elems.len()) => {
                let mut axes: Vec<TokenStream> = axes.elems.iter().map(|axis| quote!({ #axis })).collect();
                let rank = axes.len();
                axes.resize(6, quote!(0));
                (quote!(Permute<#rank, #(#axes),*>), vec![edge])
            }
            ("permute", _) => return wrong("x.permute([1, 0, 2])"),
            ("slice", [axis, Expr::Range(range)]) => match (&range.start, &range.end, &range.limits) {
                (Some(start), Some(end), syn::RangeLimits::HalfOpen(_)) => {
                    (quote!(Slice<{ #axis }, { #start }, { #end }>), vec![edge])
                }
                _ => return wrong("x.slice(axis, 0..4)"),
            },
            ("slice", _) => return wrong("x.slice(axis, 0..4)"),
            ("concat" | "stack", [other, axis]) => {
                let mut edges = vec![edge];
                match self.expression(other)? {
                    Value::Edge(edge) => edges.push(edge),
                    Value::Tuple(values) => edges.extend(values.iter().filter_map(|value| match value {
                        Value::Edge(edge) => Some(*edge),
                        _ => None,
                    })),
                    other_value => return Err(self.several(other, &other_value)),
                }
                if edges.len() > 4 {
                    return Err(syn::Error::new(
                        span,
                        format!("`{name}` takes at most 4 edges at once, but there are {}", edges.len()),
                    ));
                }
                (if name == "concat" { quote!(Concat<{ #axis }>) } else { quote!(Stack<{ #axis }>) }, edges)
            }
            ("concat" | "stack", _) => return wrong(&format!("a.{name}(b, axis)")),
            ("split", [count, axis]) => return self.split(edge, count, axis, span),
            ("split", _) => return wrong("x.split(3, axis)"),
            ("sum" | "mean" | "max", []) => {
                let kind = reduction(&name);
                (quote!(ReduceAll<::nanotorch::graph::names::reduce::#kind>), vec![edge])
            }
            ("sum" | "mean" | "max", [axis]) => {
                let kind = reduction(&name);
                (quote!(Reduce<::nanotorch::graph::names::reduce::#kind, { #axis }>), vec![edge])
            }
            ("matmul" | "transpose", _) => {
                return wrong(if name == "matmul" { "a.matmul(b)" } else { "x.transpose(0, 1)" });
            }
            (known, _) if METHODS.contains(&known) => return wrong(&format!("x.{known}()")),
            _ => return Err(unknown(&name, span)),
        };
        let value = value_of(&kind);
        self.binding = binding;
        let operation = Operation::new(&name, kind, value);
        let operation = match as_method(&name, &arguments, edges.len()) {
            Some(text) => operation.written(text, None),
            None => operation,
        };
        Ok(Value::Edge(self.step(Call::Operation(operation), edges, span)))
    }

    fn several(&self, expression: &Expr, _: &Value) -> syn::Error {
        syn::Error::new_spanned(
            expression,
            "an edge or a tuple of edges is wanted here: `a.concat((b, c), 0)`",
        )
    }

    /// `x.split(3, axis)`: three equal parts.
    fn split(
        &mut self,
        edge: Edge,
        count: &Expr,
        axis: &Expr,
        span: proc_macro2::Span,
    ) -> syn::Result<Value> {
        let parts = match count {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) => number.base10_parse::<usize>()?,
            other => {
                return Err(syn::Error::new_spanned(
                    other,
                    "the number of parts is written as a number: `x.split(3, axis)`",
                ));
            }
        };
        if !(1..=64).contains(&parts) {
            return Err(syn::Error::new_spanned(count, "split into 1 to 64 parts"));
        }
        let parts = (0..parts).map(|index| {
            let kind = quote!(Chunk<{ #axis }, #index, #parts>);
            let value = value_of(&kind);
            let text = format!("{{0}}.split({parts}, {}).{index}", written(axis));
            let operation = Operation::new("split", kind, value).written(text, None);
            Value::Edge(self.step(Call::Operation(operation), vec![edge], span))
        });
        Ok(Value::Tuple(parts.collect()))
    }
}

/// How a method is written that has more than edges in its parentheses.
fn as_method(name: &str, arguments: &[&Expr], edges: usize) -> Option<String> {
    let others: Vec<_> = (1..edges).map(|edge| format!("{{{edge}}}")).collect();
    let mut texts = match &others[..] {
        [] => vec![],
        [one] => vec![one.clone()],
        several => vec![format!("({})", several.join(", "))],
    };
    let own = arguments.iter().skip(texts.len()).map(written);
    texts.extend(own);
    (texts.len() > others.len().min(1)).then(|| format!("{{0}}.{name}({})", texts.join(", ")))
}

/// The name alone is the value of an operation without data.
fn value_of(kind: &TokenStream) -> TokenStream {
    let name = kind.clone().into_iter().next();
    match name {
        Some(name) if kind.clone().into_iter().nth(1).is_none() => quote!(#name),
        Some(name) => {
            let arguments: TokenStream = kind.clone().into_iter().skip(1).collect();
            quote!(#name::#arguments::default())
        }
        None => TokenStream::new(),
    }
}

fn reduction(name: &str) -> TokenStream {
    match name {
        "sum" => quote!(Sum),
        "mean" => quote!(Mean),
        _ => quote!(Max),
    }
}

fn unknown(name: &str, span: proc_macro2::Span) -> syn::Error {
    let known = || FUNCTIONS.iter().map(|(name, _)| *name).chain(METHODS.iter().copied());
    let hint = match nearest(name, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("they have {}", list(&known().map(String::from).collect::<Vec<_>>())),
    };
    syn::Error::new(span, format!("edges have no method `{name}`; {hint}"))
}

/// Methods with arguments, or that look at more than one element.
const METHODS: &[&str] = &[
    "powf",
    "powi",
    "softmax",
    "log_softmax",
    "detach",
    "flatten",
    "t",
    "matmul",
    "reshape",
    "transpose",
    "permute",
    "slice",
    "concat",
    "stack",
    "split",
    "sum",
    "mean",
    "max",
];

/// Functions of one number: the method, and the function's type, written so that it can stand in an expression, too.
const FUNCTIONS: &[(&str, &str)] = &[
    ("relu", "activation::Relu"),
    ("leaky_relu", "activation::LeakyRelu::<1, 100>"),
    ("sigmoid", "activation::Sigmoid"),
    ("tanh", "activation::Tanh"),
    ("gelu", "activation::Gelu"),
    ("gelu_tanh", "activation::GeluTanh"),
    ("silu", "activation::Silu"),
    ("elu", "activation::Elu::<1, 1>"),
    ("softplus", "activation::Softplus"),
    ("exp", "function::Exp"),
    ("ln", "function::Ln"),
    ("sqrt", "function::Sqrt"),
    ("square", "function::Square"),
    ("abs", "function::Abs"),
    ("recip", "function::Reciprocal"),
];
