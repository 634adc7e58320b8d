//! Whether the shapes fit: by value, in constants that stand where the user wrote the field's type.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::forward::written;
use super::model::Parts;
use super::parameters::field_name;

/// The value of `Layer::FIT`: the first mistake in field order, with the path to it.
pub(crate) fn fit(parts: &Parts) -> TokenStream {
    let outer = match &parts.arguments.input {
        Some(_) => {
            let declared = parts.edge(0);
            quote!(::nanotorch::model::fit::declared::<I, #declared>())
        }
        None => quote!(::nanotorch::model::Fit::Fits),
    };
    let fields = (0..parts.graph.steps.len()).map(|step| {
        let (fit, name, kind, from, note) = question(parts, step);
        quote!(.and(#fit.in_field(#name, #kind, #from, #note)))
    });
    quote!(#outer #(#fields)*)
}

/// For a concrete model, one constant a field: it fails under the field's type, in `cargo check` too.
pub(crate) fn checks(parts: &Parts) -> TokenStream {
    if !parts.is_concrete() {
        return TokenStream::new();
    }
    (0..parts.graph.steps.len())
        .map(|step| {
            let (fit, name, kind, from, note) = question(parts, step);
            let span = parts.definition.fields[parts.graph.steps[step].field].kind.span();
            let panic = quote_spanned!(span=> ::core::panic!("{}", MESSAGE.as_str()));
            quote_spanned! {span=>
                const _: () = {
                    type T = f32;
                    const FIT: ::nanotorch::model::Fit = #fit;
                    const MESSAGE: ::nanotorch::message::Text = FIT.sentence(#name, #kind, #from, #note);
                    if !FIT.fits() {
                        #panic
                    }
                };
            }
        })
        .collect()
}

/// Whether a step's layer takes its input, and the words for asking: field, type, giver, arithmetic.
fn question(parts: &Parts, step: usize) -> (TokenStream, String, String, String, TokenStream) {
    let field = &parts.definition.fields[parts.graph.steps[step].field];
    let (layer, input) = (parts.layer(step), parts.graph.steps[step].input);
    let edge = parts.edge(input);
    let (from, note) = if input == 0 {
        ("the input".into(), quote!(::nanotorch::message::Text::EMPTY))
    } else {
        let giver = &parts.graph.steps[input - 1];
        let (layer, edge) = (parts.layer(input - 1), parts.edge(giver.input));
        let name = field_name(&parts.definition.fields[giver.field]);
        (format!("`{name}`"), quote!(<#layer as ::nanotorch::model::Layer<#edge>>::NOTE))
    };
    let fit = quote_spanned!(field.kind.span()=> <#layer as ::nanotorch::model::Layer<#edge>>::FIT);
    (fit, field_name(field), written(&field.kind), from, note)
}
