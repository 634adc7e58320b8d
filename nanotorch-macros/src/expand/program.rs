//! The derived program as text: what is known of each line of it.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{PathArguments, Type};

use super::generics::Split;
use super::model::{Parts, Target, shape_of};
use super::parameters::field_name;
use super::plan::planned;
use crate::arguments::Wish;
use crate::graph::{Applied, Call, Written};

/// The constant that describes the program, of the marker type.
pub(crate) fn program(parts: &Parts) -> TokenStream {
    let graph = parts.graph;
    let mut names = Names::default();
    let inputs = graph.inputs.iter().enumerate().map(|(number, name)| {
        let (name, shape) = (names.unique(name), parts.one_input(number));
        quote!(::nanotorch::model::program::Value::of::<#shape>(#name))
    });
    let inputs: Vec<_> = inputs.collect();
    let lines = graph.steps.iter().enumerate().map(|(index, step)| {
        let Target { kind, edge, span, .. } = parts.target(step);
        let name = names.unique(step.binding.as_ref().unwrap_or(&step.name));
        let edges = step.inputs.iter().map(|edge| graph.number(*edge));
        match &step.call {
            Call::Field(field) | Call::Parameter(field) | Call::Applied(Applied { field, .. }) => {
                let field = &parts.definition.fields[*field];
                let (called, last) = (field_name(field), graph.is_last_use(index));
                quote_spanned! {span=>
                    ::nanotorch::model::program::Line::layer::<#kind, #edge>(#name, #called, &[#(#edges),*], #last)
                }
            }
            Call::Operation(operation) => {
                let called = &operation.name;
                let written = operation.written.as_ref().map(|Written { value, derivative }| {
                    let derivative = derivative.as_ref().map(|formula| quote!(&[#formula]));
                    quote!(.written(&[#value], &[#derivative]))
                });
                quote_spanned! {span=>
                    ::nanotorch::model::program::Line::operation::<#kind, #edge, T>(#name, #called, &[#(#edges),*]) #written
                }
            }
        }
    });
    let (lines, planned): (Vec<_>, _) = (lines.collect(), planned(parts));
    let model = parts.definition.name.to_string();
    let Split { bounded, names, clause, .. } = &parts.split;
    quote! {
        impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape>
            ::nanotorch::model::program::Derived for __Chain<#names T, __I> #clause
        {
            const PROGRAM: ::nanotorch::model::program::Program = ::nanotorch::model::program::Program {
                name: #model,
                element_bytes: ::core::mem::size_of::<T>(),
                inputs: &[#(#inputs),*],
                lines: &[#(#lines),*],
                places: <Self as #planned>::TRAINING.steps(),
                inference: <Self as #planned>::INFERENCE.steps(),
                memory: ::nanotorch::model::program::Memory::of(&<Self as #planned>::TRAINING),
            };
        }
    }
}

/// The error that shows the program of a model with `#[model(.., explain)]`.
pub(crate) fn shown(parts: &Parts) -> Option<TokenStream> {
    let Wish { span, of } = parts.arguments.explain.as_ref()?;
    let (span, name) = (*span, parts.definition.name.to_string());
    let (kind, arguments, input) = match of {
        Some((kind, inputs)) => (quote!(#kind), arguments_of(kind), shape_of(inputs)),
        None if parts.is_concrete() => {
            let kind = &parts.definition.name;
            (quote!(#kind), TokenStream::new(), parts.input())
        }
        None => {
            let message =
                format!("say which `{name}` is to be shown, and on what: `explain({name}<4>, [4])`");
            return Some(syn::Error::new(span, message).into_compile_error());
        }
    };
    let panic = quote_spanned!(span=> ::core::panic!("{}", TEXT));
    let misfit = quote_spanned!(span=> ::core::panic!("{}", SENTENCE.as_str()));
    Some(quote_spanned! {span=>
        const _: () = {
            const FIT: ::nanotorch::model::Fit = <#kind as ::nanotorch::model::Layer<#input>>::FIT;
            if FIT.is_mismatch() {
                const SENTENCE: ::nanotorch::message::Text = FIT.sentence_of_model(#name);
                #misfit
            }
            const PROGRAM: ::nanotorch::model::program::Program =
                ::nanotorch::model::program::program_of::<__Chain<#arguments f32, #input>>();
            const LENGTH: usize = PROGRAM.write_with_reason(&mut []);
            const BYTES: [u8; LENGTH] = {
                let mut bytes = [0; LENGTH];
                PROGRAM.write_with_reason(&mut bytes);
                bytes
            };
            const TEXT: &str = match ::core::str::from_utf8(&BYTES) {
                ::core::result::Result::Ok(text) => text,
                ::core::result::Result::Err(_) => "",
            };
            #panic
        };
    })
}

/// The arguments of a type as it was written, each followed by a comma.
fn arguments_of(kind: &Type) -> TokenStream {
    let Type::Path(path) = kind else { return TokenStream::new() };
    match path.path.segments.last().map(|segment| &segment.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => {
            let arguments = arguments.args.iter();
            quote!(#(#arguments,)*)
        }
        _ => TokenStream::new(),
    }
}

/// Names of edges, each given once.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// The name, with a number if it was given before. An operator without a name gets that of its result.
    fn unique(&mut self, name: &str) -> String {
        let name = match name {
            "+" => "sum",
            "-" => "difference",
            "*" => "product",
            "/" => "quotient",
            "join" => "edges",
            other => other,
        };
        let numbered = (1..).map(|number| if number == 1 { name.into() } else { format!("{name}{number}") });
        let free = numbered.into_iter().find(|name| !self.0.contains(name)).unwrap_or_default();
        self.0.insert(free.clone());
        free
    }
}
