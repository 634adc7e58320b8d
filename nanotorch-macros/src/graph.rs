//! A model as a list of steps between edges: what sequential structs and forward functions both become.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;

use crate::parse::Definition;

/// A value that flows: one of the model's inputs, or what a step computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// The input of this number.
    Input(usize),
    /// The output of the step of this number.
    Step(usize),
}

/// The steps of a model, in order; the last one's output is the model's.
pub(crate) struct Graph {
    /// The names of the inputs.
    pub(crate) inputs: Vec<String>,
    pub(crate) steps: Vec<Step>,
    /// How many edges it is to return, if that was said.
    pub(crate) outputs: Option<usize>,
}

/// One step.
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) inputs: Vec<Edge>,
    /// What the result is called in messages, such as `flatten` or `h`.
    pub(crate) name: String,
    /// The name that the user bound it to.
    pub(crate) binding: Option<String>,
    /// Where a mistake in this step is shown.
    pub(crate) span: Span,
}

/// What a step calls.
pub(crate) enum Call {
    /// A field of this number, as a layer.
    Field(usize),
    /// A field of this number, as a parameter: a value of its own.
    Parameter(usize),
    /// An operation.
    Operation(Operation),
    /// An operation between an edge and a parameter.
    Applied(Applied),
}

/// An operation between an edge and a parameter, which is a layer on the edge.
pub(crate) struct Applied {
    /// The field of the parameter.
    pub(crate) field: usize,
    /// How the operation is written.
    pub(crate) name: String,
    /// The type of the operation between edges.
    pub(crate) function: TokenStream,
    pub(crate) form: Form,
}

/// The form of an operation that has its parameter in it.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// Element by element, with the parameter as the first operand or the second.
    Elementwise { first: bool },
    /// The matrix product with the parameter as it lies or transposed.
    Product { transposed: bool },
}

impl Applied {
    /// Its type, given that of the parameter.
    pub(crate) fn kind(&self, parameter: &TokenStream) -> TokenStream {
        let function = &self.function;
        match self.form {
            Form::Elementwise { first } => {
                quote!(::nanotorch::layer::applied::AppliedElementwise<#function, #first, #parameter>)
            }
            Form::Product { transposed } => {
                quote!(::nanotorch::layer::applied::AppliedProduct<#transposed, #parameter>)
            }
        }
    }
}

impl Call {
    /// The field whose numbers it uses.
    pub(crate) fn field(&self) -> Option<usize> {
        match self {
            Call::Field(field) | Call::Parameter(field) => Some(*field),
            Call::Applied(applied) => Some(applied.field),
            Call::Operation(_) => None,
        }
    }
}

/// An operation between edges.
pub(crate) struct Operation {
    /// How it is written, as `+` or `matmul`.
    pub(crate) name: String,
    /// Its type.
    pub(crate) kind: TokenStream,
    /// Its value.
    pub(crate) value: TokenStream,
    /// What it does with several edges in one.
    pub(crate) role: Role,
    /// How it and its derivative are written on paper, with `{0}` for the first edge, where the text says more than its type.
    pub(crate) written: Option<Written>,
}

/// Formulas made of the user's own text.
pub(crate) struct Written {
    pub(crate) value: String,
    pub(crate) derivative: Option<String>,
}

/// What an operation does with several edges in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It takes edges one by one and gives one.
    Plain,
    /// It makes several into one.
    Joins,
    /// It takes one of several.
    TakesPart,
}

impl Operation {
    /// An operation of the library's module `graph`, by its type and value there.
    pub(crate) fn new(name: &str, kind: TokenStream, value: TokenStream) -> Operation {
        Operation {
            name: name.into(),
            kind: quote!(::nanotorch::graph::names::#kind),
            value: quote!(::nanotorch::graph::names::#value),
            role: Role::Plain,
            written: None,
        }
    }

    /// With formulas made of the user's text.
    pub(crate) fn written(mut self, value: String, derivative: Option<String>) -> Operation {
        self.written = Some(Written { value, derivative });
        self
    }

    /// Several edges as one.
    pub(crate) fn join() -> Operation {
        Operation { role: Role::Joins, ..Operation::new("join", quote!(Join), quote!(Join)) }
    }

    /// Edge `index` of the `count` that are in one, taken apart by the pattern that was `written`; the `first` says so if
    /// there are more or fewer.
    pub(crate) fn part(written: &str, index: usize, count: usize, first: bool) -> Operation {
        let written = format!("let {written}");
        let part = Operation::new(&written, quote!(Part<#index, #count, #first>), quote!(Part));
        Operation { role: Role::TakesPart, ..part.written(format!("{{0}}.{index}"), None) }
    }
}

impl Graph {
    /// The number of an edge among all: the inputs, then the steps' outputs.
    pub(crate) fn number(&self, edge: Edge) -> usize {
        match edge {
            Edge::Input(input) => input,
            Edge::Step(step) => self.inputs.len() + step,
        }
    }

    /// The number of an edge in the memory plan: the steps' outputs, then the inputs.
    pub(crate) fn plan_number(&self, edge: Edge) -> usize {
        match edge {
            Edge::Input(input) => self.steps.len() + input,
            Edge::Step(step) => step,
        }
    }

    /// What an edge is called in messages; several in one are called by all their names.
    pub(crate) fn name(&self, edge: Edge) -> String {
        match edge {
            Edge::Input(input) => self.inputs[input].clone(),
            Edge::Step(step) => match (&self.steps[step], self.steps[step].call.role()) {
                (Step { inputs, .. }, Role::Joins) => {
                    let names: Vec<_> = inputs.iter().map(|edge| self.name(*edge)).collect();
                    format!("({})", names.join(", "))
                }
                (Step { name, .. }, _) => name.clone(),
            },
        }
    }

    /// Whether a step is the last one that uses its field: in the backward pass it is the first.
    pub(crate) fn is_last_use(&self, step: usize) -> bool {
        let own = self.steps[step].call.field();
        own.is_none() || self.steps[step + 1..].iter().all(|later| later.call.field() != own)
    }

    /// The field whose layer alone reads what a step gives, and the number of that step: at inference the step may do for it what
    /// it can.
    pub(crate) fn only_reader(&self, step: usize) -> Option<usize> {
        let edge = Edge::Step(step);
        let mut readers =
            (step + 1..self.steps.len()).filter(|&later| self.steps[later].inputs.contains(&edge));
        let reader = readers.next().filter(|_| readers.next().is_none())?;
        matches!(self.steps[reader].call, Call::Field(_)).then_some(reader)
    }

    /// Whether an operation of this role reads what a step gives.
    fn is_read(&self, step: usize, role: Role) -> bool {
        let reads = |later: &&Step| later.inputs.contains(&Edge::Step(step));
        self.steps.iter().filter(reads).any(|later| later.call.role() == role)
    }

    /// Whether a step's output may be several edges in one: it joins them, or parts are taken from it, or it is what a
    /// `forward` function returns.
    pub(crate) fn may_be_several(&self, step: usize) -> bool {
        let is_returned = self.outputs.is_some() && step + 1 == self.steps.len();
        self.steps[step].call.role() == Role::Joins || is_returned || self.is_read(step, Role::TakesPart)
    }
}

impl Call {
    fn role(&self) -> Role {
        match self {
            Call::Operation(operation) => operation.role,
            Call::Field(_) | Call::Parameter(_) | Call::Applied(_) => Role::Plain,
        }
    }
}

/// Field after field.
pub(crate) fn sequential(definition: &Definition) -> Graph {
    let steps = definition.fields.iter().enumerate().map(|(number, field)| Step {
        call: Call::Field(number),
        inputs: vec![if number == 0 { Edge::Input(0) } else { Edge::Step(number - 1) }],
        name: crate::parse::plain_name(&field.name),
        binding: None,
        span: field.kind.span(),
    });
    Graph { inputs: vec!["x".into()], steps: steps.collect(), outputs: None }
}

/// A type or expression as it was written, without the spaces that tokens put between everything.
pub(crate) fn written(kind: &impl ToTokens) -> String {
    let spaced = kind.to_token_stream().to_string();
    let mut text = String::with_capacity(spaced.len());
    for (index, character) in spaced.char_indices() {
        let rest = &spaced[index + character.len_utf8()..];
        let glued = character == ' '
            && (rest.starts_with(['<', '>', ',', ':', ';', ']', ')'])
                || rest.starts_with('(') && !text.ends_with([',', '=', ':'])
                || text.ends_with(['<', '[', '(', ':']) && !text.ends_with(": ")
                || text.ends_with(['&', '.'])
                || rest.starts_with('.'));
        if !glued {
            text.push(character);
        }
    }
    text
}
