//! From a forward function, which is ordinary Rust, to the steps of a graph.
//!
//! The function is read, never compiled as it stands: `let`, shadowing, tuples, fields called as `self.fc1.forward(x)`,
//! operators and methods between edges, scalars, and a loop over an array of layers. Anything else is one error, at its own
//! token, that says what to write instead: `refused` has those of syntax, `elsewhere` those of other libraries' names.

mod argument;
mod elsewhere;
mod expression;
mod field;
mod method;
mod refused;
mod scalar;
mod signature;
mod statement;
mod uses;

use std::collections::HashMap;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Block, Expr, Ident, ItemImpl};

use crate::graph::{Applied, Call, Edge, Graph, Operation, Step};
use crate::mistakes::counted;
use crate::parse::Definition;

/// What a name or expression stands for.
#[derive(Clone)]
enum Value {
    /// One edge.
    Edge(Edge),
    /// Several.
    Tuple(Vec<Value>),
    /// A number that the compiler knows: an expression without edges.
    Scalar(Expr),
    /// An array of layers, or one of its items: the field's number.
    Layers(usize),
}

/// A name that is bound.
struct Bound {
    value: Value,
    /// Whether it was bound with `mut`.
    mutable: bool,
}

/// A function while it is read.
struct Reader<'a> {
    definition: &'a Definition,
    /// What names stand for, the innermost block last.
    scopes: Vec<HashMap<String, Bound>>,
    inputs: Vec<Ident>,
    /// How many edges the function says that it returns.
    outputs: usize,
    steps: Vec<Step>,
    /// The name that the expression at hand is bound to.
    binding: Option<String>,
    /// The edges that have names, as they were bound.
    named: Vec<(Edge, Ident)>,
    /// The edges that were bound to `_`: they are left out.
    dropped: Vec<Edge>,
}

/// Reads the forward function in `block`, an `impl` of the model.
pub(crate) fn forward(definition: &Definition, block: &ItemImpl) -> syn::Result<Graph> {
    let function = signature::only_function(definition, block)?;
    let mut reader = Reader {
        definition,
        scopes: vec![HashMap::new()],
        inputs: Vec::new(),
        outputs: 1,
        steps: Vec::new(),
        binding: None,
        named: Vec::new(),
        dropped: Vec::new(),
    };
    reader.signature(&function.sig)?;
    let mut value = reader.block(&function.block)?;
    reader.leave_out_what_was_dropped(&mut value);
    reader.returned(value, &function.block, &function.sig)?;
    reader.everything_is_used()?;
    let inputs = reader.inputs.iter().map(ToString::to_string).collect();
    Ok(Graph { inputs, steps: reader.steps, outputs: Some(reader.outputs) })
}

impl Reader<'_> {
    /// What a name stands for.
    fn lookup(&self, name: &str) -> Option<&Bound> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// Binds a name in the innermost block.
    fn define(&mut self, name: &Ident, mutable: bool, value: Value) {
        if let Value::Edge(edge) = value {
            self.named.push((edge, name.clone()));
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_string(), Bound { value, mutable });
        }
    }

    /// Gives a name that is bound another value, in the block that it is bound in.
    fn assign_to(&mut self, name: &Ident, value: Value) {
        if let Value::Edge(edge) = value {
            self.named.push((edge, name.clone()));
        }
        let name = name.to_string();
        if let Some(bound) = self.scopes.iter_mut().rev().find_map(|scope| scope.get_mut(&name)) {
            bound.value = value;
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

    /// Adds a step that is an operation.
    fn operation(&mut self, operation: Operation, edges: Vec<Edge>, span: Span) -> Edge {
        self.step(Call::Operation(operation), edges, span)
    }

    /// The model's output is the last step's: a tuple is joined, an edge from further up is passed on.
    fn returned(&mut self, value: Value, block: &Block, signature: &syn::Signature) -> syn::Result<()> {
        let last = block.stmts.last();
        let wrong = |message: String| {
            Err(last.map_or_else(
                || syn::Error::new(block.span(), &message),
                |last| syn::Error::new_spanned(last, &message),
            ))
        };
        let span = last.map_or(block.span(), Spanned::span);
        let edges = match value {
            Value::Edge(edge) => vec![edge],
            Value::Tuple(values) => {
                let edges = values
                    .into_iter()
                    .map(|value| if let Value::Edge(edge) = value { Some(edge) } else { None });
                match edges.collect::<Option<Vec<_>>>() {
                    Some(edges) if (1..=4).contains(&edges.len()) => edges,
                    Some(edges) => {
                        return wrong(format!("a model returns 1 to 4 edges; this is {}", edges.len()));
                    }
                    None => return wrong("a model returns edges, or a tuple of edges".into()),
                }
            }
            Value::Scalar(_) | Value::Layers(_) => {
                return wrong("`forward` returns an edge: something that was computed from its input".into());
            }
        };
        // Of a field that is a model, only the compiler knows how many edges it gives.
        let is_field =
            |edge| matches!(edge, Edge::Step(step) if matches!(self.steps[step].call, Call::Field(_)));
        let may_be_more = edges.len() == 1 && is_field(edges[0]);
        if edges.len() != self.outputs && !may_be_more {
            let kinds = vec!["Edge"; edges.len()].join(", ");
            let kinds = if edges.len() == 1 { kinds } else { format!("({kinds})") };
            return Err(syn::Error::new_spanned(
                &signature.output,
                format!(
                    "`forward` is to return {} by this, but its last line is {}: write `-> {kinds}`, or change the last line",
                    counted(self.outputs, "edge"),
                    edges.len(),
                ),
            ));
        }
        match edges[..] {
            [edge] if edge == Edge::Step(self.steps.len().wrapping_sub(1)) => {}
            [edge] => {
                let pass = Operation::new("pass", quote::quote!(Pass), quote::quote!(Pass));
                self.operation(pass, vec![edge], span);
            }
            _ => {
                self.operation(Operation::join(), edges, span);
            }
        }
        Ok(())
    }
}
