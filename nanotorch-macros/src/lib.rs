//! The macros of nanotorch: `#[model]` and `#[layer]`.
//!
//! Each reads as a sentence: [`parse`] what was written, lay it out as a [`graph`], [`check`] the rules that can be seen in
//! the text, and [`expand`] to plain Rust. What needs types (shapes, traits) is left to the compiler, in constants and
//! impls whose spans are the user's own tokens. On a mistake the struct and an empty implementation are emitted beside the
//! error, so that one mistake is one error.

mod arguments;
mod check;
mod expand;
mod graph;
mod mistakes;
mod parse;

use proc_macro::TokenStream;

use mistakes::Mistakes;

/// Makes a struct of layers a model; see the documentation of `nanotorch`.
#[proc_macro_attribute]
pub fn model(arguments: TokenStream, item: TokenStream) -> TokenStream {
    try_model(arguments.into(), item.clone().into())
        .unwrap_or_else(|error| expand::fallback::model(error, item.into()))
        .into()
}

/// Makes a struct of arrays a layer of one's own; see the documentation of `nanotorch`.
#[proc_macro_attribute]
pub fn layer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    try_layer(arguments.into(), item.clone().into())
        .unwrap_or_else(|error| expand::fallback::layer(error, item.into()))
        .into()
}

fn try_model(
    arguments: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    let mut definition = parse::structure(item, "model")?;
    let mut mistakes = Mistakes::default();
    let arguments = mistakes.try_take(arguments::model_arguments(arguments)).unwrap_or_default();
    mistakes.try_take(check::arguments(&arguments));
    mistakes.try_take(check::model(&definition));
    mistakes.result()?;
    check::bound_layers(&mut definition);
    let graph = graph::sequential(&definition);
    Ok(expand::model(&definition, &arguments, &graph))
}

fn try_layer(
    arguments: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    let definition = parse::structure(item, "layer")?;
    let mut mistakes = Mistakes::default();
    mistakes.try_take(arguments::no_arguments(arguments));
    mistakes.try_take(check::layer(&definition));
    mistakes.result()?;
    Ok(expand::layer(&definition))
}
