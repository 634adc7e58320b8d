//! Methods of edges. The tables at the end are the list of what there is.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprMethodCall};

use super::statement::path_name;
use super::{Reader, Value, elsewhere};
use crate::graph::{Edge, Operation, Written, written};
use crate::mistakes::{counted, list, nearest};

/// The most edges that are put together at once.
const MAX_TOGETHER: usize = 4;

impl Reader<'_> {
    pub(super) fn method(&mut self, call: &ExprMethodCall) -> syn::Result<Value> {
        if path_name(&call.receiver).is_some_and(|name| name == "self") {
            return Err(self.call_of_self(call));
        }
        let binding = self.binding.take();
        let receiver = match &*call.receiver {
            // `self.fc1.forward(x)`, and `self.scale.exp()` on a parameter.
            Expr::Field(_) | Expr::Index(_) if call.method == "forward" => {
                Value::Layers(self.field(&call.receiver)?)
            }
            other => self.expression(other)?,
        };
        match receiver {
            Value::Layers(field) if call.method == "forward" => self.field_call(field, call, binding),
            Value::Layers(field) => {
                Err(syn::Error::new(call.method.span(), self.call_it(field, "this is a layer")))
            }
            Value::Edge(edge) => self.edge_method(edge, call, binding),
            Value::Tuple(values) => Err(syn::Error::new(
                call.method.span(),
                format!("these are {} edges; take them apart with `let (a, b) = ..` first", values.len()),
            )),
            Value::Scalar(_) => Err(syn::Error::new(call.method.span(), "this is a number, not an edge")),
        }
    }

    fn edge_method(
        &mut self,
        edge: Edge,
        call: &ExprMethodCall,
        binding: Option<String>,
    ) -> syn::Result<Value> {
        let (name, span) = (call.method.to_string(), call.method.span());
        let arguments: Vec<_> = call.args.iter().collect();
        if let Some(turbofish) = &call.turbofish {
            return Err(syn::Error::new_spanned(turbofish, "shapes are derived: leave this out"));
        }
        if let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
            if !arguments.is_empty() {
                return Err(called_wrongly(call));
            }
            let function: TokenStream =
                function.parse().map_err(|_| syn::Error::new(span, "this method has no function"))?;
            self.binding = binding;
            let function = quote!(::nanotorch::graph::names::#function);
            return Ok(Value::Edge(self.function(&name, function, edge, span, None)));
        }
        let (kind, edges) = match (name.as_str(), &arguments[..]) {
            ("powf" | "powi", [power]) if self.is_scalar(power) => {
                let text = written(power);
                let formulas = Written {
                    value: format!("{{0}}.{name}({text})"),
                    derivative: Some(format!("{{dy}} * {text} {{0}}^({text} - 1)")),
                };
                let power = self.number(power);
                self.binding = binding;
                let function = quote!(::nanotorch::graph::names::function::Power { exponent: #power });
                return Ok(Value::Edge(self.function(&name, function, edge, span, Some(formulas))));
            }
            ("softmax", []) => (quote!(Rowwise<::nanotorch::graph::names::softmax::Softmax>), vec![edge]),
            ("log_softmax", []) => {
                (quote!(Rowwise<::nanotorch::graph::names::softmax::LogSoftmax>), vec![edge])
            }
            ("detach", []) => (quote!(Detach), vec![edge]),
            ("flatten", []) => (quote!(Flatten), vec![edge]),
            ("t", []) => (quote!(TransposeLast), vec![edge]),
            ("matmul", [other]) => (quote!(MatrixProduct), vec![edge, self.edge(other)?]),
            ("reshape", [Expr::Array(lengths)]) => {
                let lengths = self.lengths(lengths)?;
                (quote!(Reshape<(#(::nanotorch::shape::Const<#lengths>,)*)>), vec![edge])
            }
            ("transpose", [a, b]) => {
                let (a, b) = (self.axis(a)?, self.axis(b)?);
                (quote!(Transpose<#a, #b>), vec![edge])
            }
            ("permute", [Expr::Array(axes)]) if (1..=6).contains(&axes.elems.len()) => {
                let mut axes =
                    axes.elems.iter().map(|axis| self.axis(axis)).collect::<syn::Result<Vec<_>>>()?;
                let rank = axes.len();
                axes.resize(6, quote!(0));
                (quote!(Permute<#rank, #(#axes),*>), vec![edge])
            }
            ("slice", [axis, Expr::Range(range)]) => {
                let (axis, (start, end)) = (self.axis(axis)?, self.range(range)?);
                (quote!(Slice<#axis, #start, #end>), vec![edge])
            }
            ("concat" | "stack", [other, axis]) => {
                let (edges, axis) = (self.together(edge, other, &name)?, self.axis(axis)?);
                (if name == "concat" { quote!(Concat<#axis>) } else { quote!(Stack<#axis>) }, edges)
            }
            ("split", [count, axis]) => return self.split(edge, count, axis, span),
            ("sum" | "mean" | "max", []) => {
                let kind = reduction(&name);
                (quote!(ReduceAll<::nanotorch::graph::names::reduce::#kind>), vec![edge])
            }
            ("sum" | "mean" | "max", [axis]) => {
                let (kind, axis) = (reduction(&name), self.axis(axis)?);
                (quote!(Reduce<::nanotorch::graph::names::reduce::#kind, #axis>), vec![edge])
            }
            _ => return Err(called_wrongly(call)),
        };
        let value = value_of(&kind);
        self.binding = binding;
        let operation = Operation::new(&name, kind, value);
        let operation = match as_method(&name, &arguments, edges.len()) {
            Some(text) => operation.written(text, None),
            None => operation,
        };
        Ok(Value::Edge(self.operation(operation, edges, span)))
    }

    /// The edges of `a.concat(b, axis)` or `a.concat((b, c), axis)`.
    fn together(&mut self, edge: Edge, others: &Expr, name: &str) -> syn::Result<Vec<Edge>> {
        let wrong = |message: String| Err(syn::Error::new_spanned(others, message));
        let mut edges = vec![edge];
        match self.expression(others)? {
            Value::Edge(edge) => edges.push(edge),
            Value::Tuple(values) => edges.extend(values.iter().filter_map(|value| match value {
                Value::Edge(edge) => Some(*edge),
                _ => None,
            })),
            Value::Layers(field) => {
                return wrong(self.call_it(field, "an edge is wanted here, but this is a layer"));
            }
            Value::Scalar(_) => {
                return wrong(format!(
                    "an edge or a tuple of edges is wanted here, as `a.{name}((b, c), 0)`, but this is a number"
                ));
            }
        }
        if edges.len() > MAX_TOGETHER {
            return wrong(format!(
                "`{name}` puts at most {MAX_TOGETHER} edges together at once, but these are {}; do it in two steps",
                edges.len()
            ));
        }
        Ok(edges)
    }

    /// `x.split(3, axis)`: three equal parts.
    fn split(&mut self, edge: Edge, count: &Expr, axis: &Expr, span: Span) -> syn::Result<Value> {
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
            return Err(syn::Error::new_spanned(count, "an edge is split into 1 to 64 parts"));
        }
        let (text, axis) = (written(axis), self.axis(axis)?);
        let parts = (0..parts).map(|index| {
            let kind = quote!(Chunk<#axis, #index, #parts>);
            let value = value_of(&kind);
            let text = format!("{{0}}.split({parts}, {text}).{index}");
            Value::Edge(self.operation(
                Operation::new("split", kind, value).written(text, None),
                vec![edge],
                span,
            ))
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

/// A method that isn't there, or isn't called as it is.
fn called_wrongly(call: &ExprMethodCall) -> syn::Error {
    let name = call.method.to_string();
    let form = METHODS.iter().find(|(known, _)| *known == name).map(|(_, form)| (*form).to_owned());
    let is_function = FUNCTIONS.iter().any(|(known, _)| *known == name);
    let form = form.or_else(|| is_function.then(|| format!("x.{name}()")));
    let Some(form) = form else { return unknown(&name, call.method.span()) };
    let arguments = || call.args.iter().map(crate::graph::written).collect::<Vec<_>>().join(", ");
    let is_list = |argument: &Expr| matches!(argument, Expr::Array(_));
    let message = match name.as_str() {
        "reshape" | "permute" if !call.args.is_empty() && !call.args.iter().any(is_list) => {
            let mut arguments = arguments();
            if let Some(Expr::Tuple(tuple)) = call.args.first() {
                arguments = written(&tuple.elems);
            }
            format!("`{name}` takes a list: write `x.{name}([{arguments}])`")
        }
        "softmax" | "log_softmax" => {
            format!(
                "`{name}` goes along the last axis: write `{form}`; bring another axis there with `transpose` first"
            )
        }
        _ => {
            let are = if call.args.len() == 1 { "is" } else { "are" };
            format!("`{name}` is called as `{form}`, but here {are} {}", counted(call.args.len(), "argument"))
        }
    };
    // Too many arguments are at fault themselves, too few are missed at the name.
    if call.args.is_empty() {
        return syn::Error::new(call.method.span(), message);
    }
    syn::Error::new_spanned(&call.args, message)
}

fn unknown(name: &str, span: Span) -> syn::Error {
    let known = || FUNCTIONS.iter().map(|(name, _)| *name).chain(METHODS.iter().map(|(name, _)| *name));
    let hint = match (elsewhere::instead(name), nearest(name, known())) {
        (Some(instead), _) => instead.into(),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("they have {}", list(&known().collect::<Vec<_>>())),
    };
    syn::Error::new(span, format!("edges have no method `{name}`; {hint}"))
}

/// Methods with arguments, or that look at more than one element, and how they are called.
const METHODS: &[(&str, &str)] = &[
    ("powf", "x.powf(0.5)"),
    ("powi", "x.powi(2)"),
    ("softmax", "x.softmax()"),
    ("log_softmax", "x.log_softmax()"),
    ("detach", "x.detach()"),
    ("flatten", "x.flatten()"),
    ("t", "x.t()"),
    ("matmul", "a.matmul(b)"),
    ("reshape", "x.reshape([4, 16])"),
    ("transpose", "x.transpose(0, 1)"),
    ("permute", "x.permute([1, 0, 2])"),
    ("slice", "x.slice(axis, 0..4)"),
    ("concat", "a.concat(b, axis)"),
    ("stack", "a.stack(b, axis)"),
    ("split", "x.split(3, axis)"),
    ("sum", "x.sum(axis)"),
    ("mean", "x.mean(axis)"),
    ("max", "x.max(axis)"),
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
