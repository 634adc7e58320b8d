//! Whether the shapes fit: by value, in constants that stand where the user wrote the field's type.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, GenericParam};

use super::model::{Parts, Target};
use super::parameters::field_name;
use crate::graph::{Applied, Call, Edge, Step, written};

/// The value of `Layer::FIT`: the first mistake in field order, with the path to it. A concrete model says itself what is
/// wrong in it, once; whoever contains it only hears that something is.
pub(crate) fn fit(parts: &Parts) -> TokenStream {
    let steps = &parts.graph.steps;
    let named = parts.graph.inputs.len();
    let outer = if parts.arguments.inputs.is_empty() && named > 1 {
        quote!(::nanotorch::model::fit::several::<__I>(#named))
    } else if parts.arguments.inputs.is_empty() {
        quote!(::nanotorch::model::Fit::Fits)
    } else {
        let declared = parts.input();
        quote!(::nanotorch::model::fit::declared::<__I, #declared>())
    };
    if parts.is_concrete() {
        let last = parts.graph.number(Edge::Step(steps.len() - 1));
        return quote!(#outer.and(::nanotorch::model::fit::doubt(__KNOWN[#last])));
    }
    let asked = steps.iter().enumerate().filter(|(_, step)| !matches!(step.call, Call::Parameter(_)));
    let questions = asked.map(|(index, step)| {
        let Target { kind, edge, span, .. } = parts.target(step);
        match &step.call {
            Call::Operation(operation) => {
                let name = &operation.name;
                let answer = quote!(::nanotorch::model::fit::fit_of_operation::<#kind, #edge, T>());
                quote_spanned!(span=> .and(#answer.in_operation(#name)))
            }
            Call::Applied(Applied { name, .. }) => {
                let answer = quote!(::nanotorch::model::fit::fit_of_layer::<#kind, #edge>());
                quote_spanned!(span=> .and(#answer.in_operation(#name)))
            }
            _ => {
                let several = index + 1 == steps.len() || parts.graph.may_be_several(index);
                let answer = if several { quote!(fit_of_layer) } else { quote!(fit_of_one) };
                let place = place(parts, step);
                quote_spanned!(span=> .and(::nanotorch::model::fit::#answer::<#kind, #edge>().in_field(#place)))
            }
        }
    });
    let whole = (named > 1).then(|| quote!(.of_whole()));
    quote!(#outer #(#questions)* #whole)
}

/// For a concrete model, one constant a step: it fails under the field's type or the step's call, in `cargo check` too.
pub(crate) fn checks(parts: &Parts) -> TokenStream {
    if !parts.is_concrete() {
        return TokenStream::new();
    }
    let lengths = parts.arguments.inputs.iter().flatten().enumerate();
    let lengths = lengths.map(|(axis, length)| has_length(axis, length));
    let numbers = |step: &Step| step.inputs.iter().map(|edge| parts.graph.number(*edge)).collect::<Vec<_>>();
    let steps = parts.graph.steps.iter().enumerate().map(|(index, step)| {
        let Target { kind, edge, span, .. } = parts.target(step);
        let (answer, reads) = (format_ident!("__ANSWER{index}"), numbers(step));
        let (question, sentence) = match &step.call {
            Call::Field(_) => {
                let place = place(parts, step);
                let ask = match parts.graph.outputs {
                    Some(outputs) if index + 1 == parts.graph.steps.len() => {
                        quote!(ask_returned::<#kind, #edge>(#outputs))
                    }
                    _ if parts.graph.may_be_several(index) => quote!(ask::<#kind, #edge>()),
                    _ => quote!(ask_one::<#kind, #edge>()),
                };
                (ask, quote!(sentence(#place)))
            }
            Call::Parameter(_) => (quote!(Asked::FITS), quote!(operation_sentence("parameter"))),
            Call::Applied(Applied { name, .. }) => {
                (quote!(ask::<#kind, #edge>()), quote!(operation_sentence(#name)))
            }
            Call::Operation(operation) => {
                let name = &operation.name;
                (quote!(ask_operation::<#kind, #edge, f32>()), quote!(operation_sentence(#name)))
            }
        };
        let panic = quote_spanned!(step.span=> ::core::panic!("{}", MESSAGE.as_str()));
        quote_spanned! {span=>
            const #answer: ::nanotorch::model::fit::Asked = ::nanotorch::model::fit::#question;
            const _: () = {
                if true #(&& __KNOWN[#reads])* && #answer.fit.is_mismatch() {
                    const MESSAGE: ::nanotorch::message::Text = #answer.fit.#sentence;
                    #panic
                }
            };
        }
    });
    let answers = (0..parts.graph.steps.len()).map(|step| format_ident!("__ANSWER{step}"));
    let reads = parts.graph.steps.iter().map(numbers);
    let inputs = (0..parts.graph.inputs.len()).map(|number| {
        let edge = parts.edge(Edge::Input(number));
        quote!(<#edge as ::nanotorch::shape::Shape>::LEN > 0)
    });
    let edges = parts.graph.inputs.len() + parts.graph.steps.len();
    let list = answers.zip(reads).map(|(answer, reads)| quote!((#answer.known, &[#(#reads),*])));
    quote! {
        // Which edges' shapes can be relied on: one constant for all, as a chain of constants can't be long.
        const __KNOWN: [bool; #edges] =
            ::nanotorch::model::fit::known::<#edges>(&[#(#inputs),*], &[#(#list),*]);
        #(#lengths)*
        #(#steps)*
    }
}

/// An axis of the input whose length only the compiler knows has one.
fn has_length(axis: usize, length: &Expr) -> Option<TokenStream> {
    if let Expr::Lit(_) = length {
        return None;
    }
    let message =
        format!("axis {axis} of the input has length 0; one sample needs at least 1 number on every axis");
    let panic = quote_spanned!(length.span()=> ::core::panic!("{}", #message));
    Some(quote_spanned!(length.span()=> const _: () = if #length == 0usize { #panic };))
}

/// The words for a step that calls a field: field, type, giver, arithmetic.
fn place(parts: &Parts, step: &Step) -> TokenStream {
    let (Call::Field(field) | Call::Parameter(field), [input, ..]) = (&step.call, &step.inputs[..]) else {
        return TokenStream::new();
    };
    let field = &parts.definition.fields[*field];
    let (from, note) = match input {
        Edge::Input(_) => (String::new(), quote!(::nanotorch::message::Text::EMPTY)),
        Edge::Step(giver) => {
            let giver = &parts.graph.steps[*giver];
            let Target { as_trait, span, .. } = parts.target(giver);
            (parts.graph.name(*input), quote_spanned!(span=> #as_trait::NOTE))
        }
    };
    let (name, kind, generic) = (field_name(field), written(&field.kind), field.generic);
    quote! {
        &::nanotorch::model::fit::Place { name: #name, kind: #kind, generic: #generic, from: #from, note: #note }
    }
}

/// A generic model whose parameters all have defaults is checked with those, wherever it is used or not.
pub(crate) fn of_defaults(parts: &Parts) -> Option<TokenStream> {
    let defaults = parts.definition.generics.params.iter().all(|parameter| match parameter {
        GenericParam::Type(parameter) => parameter.default.is_some(),
        GenericParam::Const(parameter) => parameter.default.is_some(),
        GenericParam::Lifetime(_) => false,
    });
    (parts.split.any && defaults && !parts.arguments.inputs.is_empty()).then(|| {
        let name = &parts.definition.name;
        quote!(const _: () = <#name as ::nanotorch::model::Model>::CHECKED;)
    })
}

/// `Model::CHECKED` of a generic model, which can only be checked with the arguments that it is used with: it fails under the
/// model's name.
pub(crate) fn checked(parts: &Parts) -> TokenStream {
    if parts.is_concrete() {
        return TokenStream::new();
    }
    let (name, input) = (&parts.definition.name, parts.input());
    let (text, fit) = (name.to_string(), quote!(<Self as ::nanotorch::model::Layer<#input>>::FIT));
    // Shown under the name; of a forward function that has come through another macro, where `sentence` would mean nothing.
    let span = name.span().resolved_at(Span::call_site());
    let panic = quote_spanned!(span=> ::core::panic!("{}", sentence.as_str()));
    quote! {
        const CHECKED: () = {
            if #fit.is_mismatch() {
                let sentence = #fit.sentence_of_model(#text);
                #panic
            }
        };
    }
}
