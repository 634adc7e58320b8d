//! The macros of nanotorch: `#[model]`, `#[forward]` and `#[layer]`.
//!
//! Each reads as a sentence: `parse` what was written, lay it out as a `graph` (a forward function is `lower`ed to one), `check` the rules that can be seen in
//! the text, and `expand` to plain Rust. What needs types (shapes, traits) is left to the compiler, in constants and
//! impls whose spans are the user's own tokens. On a mistake the struct and an empty implementation are emitted beside the
//! error, so that one mistake is one error.

mod arguments;
mod check;
mod einsum;
mod expand;
mod fuse;
mod graph;
mod lower;
mod mistakes;
mod parse;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as TokenStream2;

use mistakes::Mistakes;

/// Makes a struct of layers a model; see the documentation of `nanotorch`.
///
/// | argument | meaning |
/// | --- | --- |
/// | `input = [1, 28, 28]` | the lengths of one sample; several inputs are `input = ([3, 8], [4])`. Without it the model has any shape, and is a part of others |
/// | `batch = 64` | the batch that `TRAIN_BYTES` and `INFER_BYTES` are told for, one sample if it isn't given |
/// | `forward` | the forward pass is a function, in a `#[forward] impl`; else it is field after field |
/// | `gradcheck` | writes a test that compares the gradients with differences; a generic model says of what: `gradcheck(Block<4>, [4])` |
/// | `explain` | shows the derived forward and backward pass in the build, and stops it; at run time it is `Net::explain()`; a generic model says of what: `explain(Block<4>, [4])` |
///
/// `#[frozen]` on a field: it isn't trained, and has neither gradient nor moments.
#[proc_macro_attribute]
pub fn model(arguments: TokenStream, item: TokenStream) -> TokenStream {
    try_model(arguments.clone().into(), item.clone().into())
        .unwrap_or_else(|error| expand::fallback::model(error, arguments.into(), item.into()))
        .into()
}

/// Makes a struct of arrays a layer of one's own; see the documentation of `nanotorch`.
///
/// `#[layer(gradcheck(Scale<4>, [4]))]` writes a test that compares the gradients of that type, on samples of those lengths,
/// with differences.
#[proc_macro_attribute]
pub fn layer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    try_layer(arguments.into(), item.clone().into())
        .unwrap_or_else(|error| expand::fallback::layer(error, item.into()))
        .into()
}

/// Makes `fn forward(&self, x: Edge) -> Edge` the forward pass of a `#[model(.., forward)]`; see the documentation of `nanotorch`.
#[proc_macro_attribute]
pub fn forward(arguments: TokenStream, item: TokenStream) -> TokenStream {
    try_forward(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Sums over products of tensors, or of variables of a tape, with a letter for each axis: see the documentation of `nanotorch`.
#[proc_macro]
pub fn einsum(tokens: TokenStream) -> TokenStream {
    einsum::expand(tokens.into()).unwrap_or_else(einsum::fallback).into()
}

/// What `#[model(.., forward)]` and `#[forward]` hand over to each other.
#[doc(hidden)]
#[proc_macro]
pub fn __derive_forward(tokens: TokenStream) -> TokenStream {
    try_derive_forward(tokens.clone().into())
        .unwrap_or_else(|error| expand::fallback::forward(error, tokens.into()))
        .into()
}

fn try_model(arguments: TokenStream2, item: TokenStream2) -> syn::Result<TokenStream2> {
    let written = (arguments.clone(), item.clone());
    let mut definition = parse::structure(item, "model")?;
    let mut mistakes = Mistakes::default();
    let arguments = mistakes.try_take(arguments::model_arguments(arguments)).unwrap_or_default();
    mistakes.try_take(check::arguments(&arguments));
    mistakes.try_take(check::model(&definition));
    mistakes.result()?;
    check::bound_layers(&mut definition);
    if arguments.forward {
        return Ok(expand::model_with_forward(&definition, &written));
    }
    let graph = graph::sequential(&definition);
    let (model, handing_over) =
        (expand::model(&definition, &arguments, &graph), expand::handing_over(&definition.name, &written));
    Ok(quote::quote! { #model #handing_over })
}

fn try_forward(arguments: TokenStream2, item: TokenStream2) -> syn::Result<TokenStream2> {
    let mut mistakes = Mistakes::default();
    mistakes.try_take(arguments::no_forward_arguments(arguments));
    let (block, mistake) = parse::implementation(item)?;
    if let Some(mistake) = mistake {
        mistakes.try_take::<()>(Err(mistake));
    }
    let (handed_over, error) = (expand::hand_over(&block), mistakes.result().err());
    let error = error.map(syn::Error::into_compile_error);
    Ok(quote::quote! { #error #handed_over })
}

fn try_derive_forward(tokens: TokenStream2) -> syn::Result<TokenStream2> {
    let parse::HandedOver { arguments, item, block } = parse::handed_over(tokens)?;
    let mut definition = parse::structure(item, "model")?;
    let arguments = arguments::model_arguments(arguments)?;
    check::bound_layers(&mut definition);
    check::forward(&definition, &arguments, &block)?;
    let graph = fuse::parameters(lower::forward(&definition, &block)?);
    Ok(expand::forward_of(&definition, &arguments, &graph))
}

fn try_layer(arguments: TokenStream2, item: TokenStream2) -> syn::Result<TokenStream2> {
    let definition = parse::structure(item, "layer")?;
    let mut mistakes = Mistakes::default();
    let gradcheck = mistakes.try_take(arguments::layer_arguments(arguments)).flatten();
    mistakes.try_take(check::layer(&definition));
    mistakes.result()?;
    Ok(expand::layer(&definition, gradcheck.as_ref()))
}
