//! From a forward function, which is ordinary Rust, to the steps of a graph.
//!
//! The function is read, never compiled as it stands: `let`, shadowing, tuples, fields called as `self.fc1.forward(x)`,
//! operators and methods between edges, scalars, and a loop over an array of layers. Anything else is one error, at its own
//! token, that says what to write instead.

mod expression;
mod method;

use std::collections::HashMap;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Block, Expr, FnArg, ImplItem, ItemImpl, Pat, ReceiverKind, ReturnType, Stmt};

use crate::graph::{Applied, Call, Edge, Graph, Operation, Step, Written};
use crate::parse::Definition;

/// What a name or expression stands for.
#[derive(Clone)]
pub(crate) enum Value {
    /// One edge.
    Edge(Edge),
    /// Several.
    Tuple(Vec<Value>),
    /// A number that the compiler knows: an expression without edges.
    Scalar(Expr),
    /// An array of layers, or one of its items: the field's number.
    Layers(usize),
}

/// A function while it is read.
pub(crate) struct Reader<'a> {
    definition: &'a Definition,
    /// What names stand for, the innermost block last.
    scopes: Vec<HashMap<String, Value>>,
    inputs: Vec<String>,
    steps: Vec<Step>,
    /// The name that the expression at hand is bound to.
    binding: Option<String>,
}

/// Reads the forward function in `block`, an `impl` of the model.
pub(crate) fn forward(definition: &Definition, block: &ItemImpl) -> syn::Result<Graph> {
    let function = only_function(block)?;
    let mut reader = Reader {
        definition,
        scopes: vec![HashMap::new()],
        inputs: Vec::new(),
        steps: Vec::new(),
        binding: None,
    };
    reader.signature(&function.sig)?;
    let value = reader.block(&function.block)?;
    reader.returned(value, &function.block)?;
    reader.everything_is_used(function)?;
    Ok(Graph { inputs: reader.inputs, steps: reader.steps })
}

fn only_function(block: &ItemImpl) -> syn::Result<&syn::ImplItemFn> {
    let mut found = None;
    for item in &block.items {
        match item {
            ImplItem::Fn(function) if function.sig.ident == "forward" => found = Some(function),
            other => {
                return Err(syn::Error::new_spanned(
                    other,
                    "a `#[forward] impl` has one function, `fn forward(&self, x: Edge) -> Edge`; put others in an `impl` of their own",
                ));
            }
        }
    }
    found.ok_or_else(|| {
        syn::Error::new_spanned(
            &block.self_ty,
            "a `#[forward] impl` needs `fn forward(&self, x: Edge) -> Edge`",
        )
    })
}

impl Reader<'_> {
    fn signature(&mut self, signature: &syn::Signature) -> syn::Result<()> {
        let mut arguments = signature.inputs.iter();
        match arguments.next() {
            Some(FnArg::Receiver(receiver))
                if matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) => {}
            other => {
                let span = other.map_or(signature.ident.span(), Spanned::span);
                return Err(syn::Error::new(
                    span,
                    "`forward` takes `&self` first: `fn forward(&self, x: Edge) -> Edge`",
                ));
            }
        }
        for argument in arguments {
            let FnArg::Typed(argument) = argument else { continue };
            let Pat::Ident(name) = &*argument.pat else {
                return Err(syn::Error::new_spanned(
                    &argument.pat,
                    "an input of `forward` is a name: `x: Edge`",
                ));
            };
            is_edge(&argument.ty)?;
            let edge = Edge::Input(self.inputs.len());
            if self.inputs.len() == 4 {
                return Err(syn::Error::new_spanned(argument, "`forward` takes at most 4 inputs"));
            }
            self.inputs.push(name.ident.to_string());
            self.define(name.ident.to_string(), Value::Edge(edge));
        }
        if self.inputs.is_empty() {
            return Err(syn::Error::new(
                signature.ident.span(),
                "`forward` needs an input: `fn forward(&self, x: Edge) -> Edge`",
            ));
        }
        match &signature.output {
            ReturnType::Type(_, kind) => match &**kind {
                syn::Type::Tuple(tuple) => tuple.elems.iter().try_for_each(is_edge),
                other => is_edge(other),
            },
            ReturnType::Default => Err(syn::Error::new(
                signature.ident.span(),
                "`forward` returns an edge, or a tuple of edges: `-> Edge`",
            )),
        }
    }

    fn block(&mut self, block: &Block) -> syn::Result<Value> {
        self.scopes.push(HashMap::new());
        let result = self.statements(block);
        self.scopes.pop();
        result
    }

    fn statements(&mut self, block: &Block) -> syn::Result<Value> {
        let mut result = None;
        for (index, statement) in block.stmts.iter().enumerate() {
            let last = index + 1 == block.stmts.len();
            match statement {
                Stmt::Local(local) => self.local(local)?,
                Stmt::Expr(expression, None) if last && !matches!(expression, Expr::ForLoop(_)) => {
                    result = Some(self.expression(expression)?);
                }
                Stmt::Expr(Expr::Return(returned), _) if last => {
                    let Some(value) = &returned.expr else {
                        return Err(syn::Error::new_spanned(returned, "return an edge: `return x`"));
                    };
                    result = Some(self.expression(value)?);
                }
                Stmt::Expr(Expr::Assign(assign), _) => self.assign(assign)?,
                Stmt::Expr(Expr::ForLoop(repeat), _) => self.repeat(repeat)?,
                Stmt::Expr(expression, _) => {
                    self.expression(expression)?;
                    return Err(syn::Error::new_spanned(
                        expression,
                        "the result is thrown away; bind it with `let`, or leave the line out",
                    ));
                }
                other => return Err(syn::Error::new_spanned(other, STRAIGHT)),
            }
        }
        result.ok_or_else(|| {
            syn::Error::new(
                block.span(),
                "this ends without a result; end it with an edge, without a semicolon",
            )
        })
    }

    fn local(&mut self, local: &syn::Local) -> syn::Result<()> {
        let Some(init) = &local.init else {
            return Err(syn::Error::new_spanned(local, "a `let` needs a value at once: `let h = ..`"));
        };
        if let Some((_, otherwise)) = &init.diverge {
            return Err(syn::Error::new_spanned(otherwise, STRAIGHT));
        }
        self.binding = pattern_name(&local.pat);
        let value = self.expression(&init.expr)?;
        self.binding = None;
        self.bind(&local.pat, value)
    }

    fn bind(&mut self, pattern: &Pat, value: Value) -> syn::Result<()> {
        match (pattern, value) {
            (Pat::Ident(name), value) => {
                self.define(name.ident.to_string(), value);
                Ok(())
            }
            (Pat::Type(typed), value) => self.bind(&typed.pat, value),
            (Pat::Tuple(tuple), Value::Tuple(values)) if tuple.elems.len() == values.len() => {
                tuple.elems.iter().zip(values).try_for_each(|(pattern, value)| self.bind(pattern, value))
            }
            (Pat::Tuple(tuple), Value::Tuple(values)) => Err(syn::Error::new_spanned(
                tuple,
                format!("this names {} edges, but there are {}", tuple.elems.len(), values.len()),
            )),
            (Pat::Tuple(tuple), Value::Edge(edge)) => self.take_apart(tuple, edge),
            (other, _) => {
                Err(syn::Error::new_spanned(other, "bind an edge to a name, or several to `(a, b)`"))
            }
        }
    }

    /// The outputs of a model that has several.
    fn take_apart(&mut self, tuple: &syn::PatTuple, edge: Edge) -> syn::Result<()> {
        for (index, pattern) in tuple.elems.iter().enumerate() {
            let operation = Operation::new("part", quote::quote!(Part<#index>), quote::quote!(Part));
            let part = self.step(Call::Operation(operation), vec![edge], pattern.span());
            self.bind(pattern, Value::Edge(part))?;
        }
        Ok(())
    }

    fn assign(&mut self, assign: &syn::ExprAssign) -> syn::Result<()> {
        let Some(name) = path_name(&assign.left) else {
            return Err(syn::Error::new_spanned(
                &assign.left,
                "assign to a name that was bound with `let mut`",
            ));
        };
        if self.lookup(&name).is_none() {
            return Err(syn::Error::new_spanned(
                &assign.left,
                format!("`{name}` was not bound; write `let {name} = ..`"),
            ));
        }
        self.binding = Some(name.clone());
        let value = self.expression(&assign.right)?;
        self.binding = None;
        self.assign_to(&name, value);
        Ok(())
    }

    /// `for block in &self.blocks { x = block.forward(x); }`: the array as one layer.
    fn repeat(&mut self, repeat: &syn::ExprForLoop) -> syn::Result<()> {
        const FORM: &str = "a loop goes over an array of layers and passes one edge through: `for block in &self.blocks { x = block.forward(x); }`; put more into the block's own `forward`";
        let Pat::Ident(item) = &*repeat.pat else { return Err(syn::Error::new_spanned(&repeat.pat, FORM)) };
        let Value::Layers(field) = self.layers(&repeat.expr)? else {
            return Err(syn::Error::new_spanned(&repeat.expr, FORM));
        };
        let [Stmt::Expr(Expr::Assign(assign), Some(_))] = &repeat.body.stmts[..] else {
            return Err(syn::Error::new_spanned(&repeat.body, FORM));
        };
        let (Some(name), Expr::MethodCall(call)) = (path_name(&assign.left), &*assign.right) else {
            return Err(syn::Error::new_spanned(assign, FORM));
        };
        let passes_itself = call.args.len() == 1 && path_name(&call.args[0]).as_ref() == Some(&name);
        if path_name(&call.receiver) != Some(item.ident.to_string())
            || call.method != "forward"
            || !passes_itself
        {
            return Err(syn::Error::new_spanned(&assign.right, FORM));
        }
        let edge = self.edge(&call.args[0])?;
        let result = self.step(Call::Field(field), vec![edge], repeat.expr.span());
        self.assign_to(&name, Value::Edge(result));
        Ok(())
    }

    /// What a name stands for.
    fn lookup(&self, name: &str) -> Option<&Value> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// Binds a name in the innermost block.
    fn define(&mut self, name: String, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, value);
        }
    }

    /// Gives a name that is bound another value, in the block that it is bound in.
    fn assign_to(&mut self, name: &str, value: Value) {
        if let Some(bound) = self.scopes.iter_mut().rev().find_map(|scope| scope.get_mut(name)) {
            *bound = value;
        }
    }

    /// Adds a step and returns its output.
    fn step(&mut self, call: Call, inputs: Vec<Edge>, span: Span) -> Edge {
        let binding = self.binding.take();
        let name = match (&call, &binding) {
            (Call::Field(field) | Call::Parameter(field) | Call::Applied(Applied { field, .. }), _) => {
                crate::parse::plain_name(&self.definition.fields[*field].name)
            }
            (Call::Operation(_), Some(name)) => name.clone(),
            (Call::Operation(operation), None) => operation.name.clone(),
        };
        let edge = Edge::Step(self.steps.len());
        self.steps.push(Step { call, inputs, name, binding, span });
        edge
    }

    /// The model's output is the last step's: a tuple is joined, an edge from further up is passed on.
    fn returned(&mut self, value: Value, block: &Block) -> syn::Result<()> {
        let span = block.stmts.last().map_or(block.span(), Spanned::span);
        match value {
            Value::Edge(edge) if edge == Edge::Step(self.steps.len().wrapping_sub(1)) => {}
            Value::Edge(edge) => {
                let operation = Operation::new("pass", quote::quote!(Pass), quote::quote!(Pass));
                self.step(Call::Operation(operation), vec![edge], span);
            }
            Value::Tuple(values) => {
                let edges = values
                    .into_iter()
                    .map(|value| match value {
                        Value::Edge(edge) => Ok(edge),
                        _ => Err(syn::Error::new(span, "a model returns edges, or a tuple of edges")),
                    })
                    .collect::<syn::Result<Vec<_>>>()?;
                if !(1..=4).contains(&edges.len()) {
                    return Err(syn::Error::new(span, "a model returns 1 to 4 edges"));
                }
                let operation = Operation::new("join", quote::quote!(Join), quote::quote!(Join));
                self.step(Call::Operation(operation), edges, span);
            }
            Value::Scalar(_) | Value::Layers(_) => {
                return Err(syn::Error::new(
                    span,
                    "`forward` returns an edge: something that was computed from its input",
                ));
            }
        }
        Ok(())
    }

    /// Every input, field and result has a use: what has none was forgotten.
    fn everything_is_used(&self, function: &syn::ImplItemFn) -> syn::Result<()> {
        let used = |edge: Edge| self.steps.iter().any(|step| step.inputs.contains(&edge));
        for (index, name) in self.inputs.iter().enumerate() {
            if !used(Edge::Input(index)) {
                return Err(syn::Error::new_spanned(
                    &function.sig.inputs,
                    format!("the input `{name}` is never used"),
                ));
            }
        }
        for (index, step) in self.steps.iter().enumerate() {
            if index + 1 < self.steps.len() && !used(Edge::Step(index)) {
                return Err(syn::Error::new(
                    step.span,
                    format!("`{}` is computed here, but never used", step.name),
                ));
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

/// What is said of everything that a forward function can't hold.
const STRAIGHT: &str = "a forward function is straight-line code between edges: `let`, fields as `self.fc1.forward(x)`, operators, methods of edges, and loops over arrays of layers";

fn is_edge(kind: &syn::Type) -> syn::Result<()> {
    match kind {
        syn::Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Edge") => {
            Ok(())
        }
        other => Err(syn::Error::new_spanned(
            other,
            "inputs and outputs of `forward` are written `Edge`; shapes are derived",
        )),
    }
}

fn pattern_name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => pattern_name(&typed.pat),
        _ => None,
    }
}

/// The name that an expression is, if it is one.
fn path_name(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Paren(inner) => path_name(&inner.expr),
        Expr::Reference(inner) => path_name(&inner.expr),
        _ => None,
    }
}

impl Operation {
    /// An operation of the module `graph`.
    pub(crate) fn new(
        name: &str,
        kind: proc_macro2::TokenStream,
        value: proc_macro2::TokenStream,
    ) -> Operation {
        Operation {
            name: name.into(),
            kind: quote::quote!(::nanotorch::graph::names::#kind),
            value: quote::quote!(::nanotorch::graph::names::#value),
            written: None,
        }
    }

    /// With formulas made of the user's text.
    pub(crate) fn written(mut self, value: String, derivative: Option<String>) -> Operation {
        self.written = Some(Written { value, derivative });
        self
    }
}
