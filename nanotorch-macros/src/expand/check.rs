//! Whether the shapes fit: by value, in constants that stand where the user wrote the field's type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::forward::written;
use super::model::Parts;
use super::parameters::field_name;

/// The value of `Layer::FIT`: the first mistake in field order, with the path to it. A concrete model says itself what is
/// wrong in it, once; whoever contains it only hears that something is.
pub(crate) fn fit(parts: &Parts) -> TokenStream {
    let steps = 0..parts.graph.steps.len();
    let outer = match &parts.arguments.input {
        Some(_) => {
            let declared = parts.edge(0);
            quote!(::nanotorch::model::fit::declared::<__I, #declared>())
        }
        None => quote!(::nanotorch::model::Fit::Fits),
    };
    if parts.is_concrete() {
        let last = parts.graph.steps.len();
        return quote!(#outer.and(::nanotorch::model::fit::doubt(__KNOWN[#last])));
    }
    let fields = steps.map(|step| {
        let (layer, edge) = (parts.layer(step), parts.edge(parts.graph.steps[step].input));
        let (span, place) = (layer.span(), place(parts, step));
        quote_spanned!(span=> .and(<#layer as ::nanotorch::model::Layer<#edge>>::FIT.in_field(#place)))
    });
    quote!(#outer #(#fields)*)
}

/// For a concrete model, one constant a field: it fails under the field's type, in `cargo check` too.
pub(crate) fn checks(parts: &Parts) -> TokenStream {
    if !parts.is_concrete() {
        return TokenStream::new();
    }
    let lengths =
        parts.arguments.input.iter().flatten().enumerate().map(|(axis, length)| has_length(axis, length));
    let steps = (0..parts.graph.steps.len()).map(|step| {
        let input = parts.graph.steps[step].input;
        let (layer, edge, answer) = (parts.layer(step), parts.edge(input), format_ident!("__ANSWER{step}"));
        let (span, place) = (layer.span(), place(parts, step));
        let panic = quote_spanned!(span=> ::core::panic!("{}", MESSAGE.as_str()));
        quote_spanned! {span=>
            const #answer: ::nanotorch::model::fit::Asked = ::nanotorch::model::fit::ask::<#layer, #edge>();
            const _: () = {
                if __KNOWN[#input] && #answer.fit.is_mismatch() {
                    const MESSAGE: ::nanotorch::message::Text = #answer.fit.sentence(#place);
                    #panic
                }
            };
        }
    });
    let answers = (0..parts.graph.steps.len()).map(|step| format_ident!("__ANSWER{step}"));
    let (inputs, edge) = (parts.graph.steps.iter().map(|step| step.input), parts.edge(0));
    let (steps_count, edges) = (parts.graph.steps.len(), parts.graph.steps.len() + 1);
    quote! {
        // Which edges' shapes can be relied on: one constant for all, as a chain of constants can't be long.
        const __KNOWN: [bool; #edges] = ::nanotorch::model::fit::known::<#steps_count, #edges>(
            <#edge as ::nanotorch::shape::Shape>::LEN > 0,
            [#((#answers.known, #inputs)),*],
        );
        // The numbers' type, as it is within the impls.
        #[allow(dead_code, reason = "only some layers are asked for their arithmetic")]
        type T = f32;
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

/// The words for a step: field, type, giver, arithmetic.
fn place(parts: &Parts, step: usize) -> TokenStream {
    let field = &parts.definition.fields[parts.graph.steps[step].field];
    let (from, note) = match parts.graph.steps[step].input.checked_sub(1) {
        None => (String::new(), quote!(::nanotorch::message::Text::EMPTY)),
        Some(giver) => {
            let (layer, edge) = (parts.layer(giver), parts.edge(parts.graph.steps[giver].input));
            let name = field_name(&parts.definition.fields[parts.graph.steps[giver].field]);
            (name, quote!(<#layer as ::nanotorch::model::Layer<#edge>>::NOTE))
        }
    };
    let (name, kind, generic) = (field_name(field), written(&field.kind), field.generic);
    quote! {
        &::nanotorch::model::fit::Place { name: #name, kind: #kind, generic: #generic, from: #from, note: #note }
    }
}
