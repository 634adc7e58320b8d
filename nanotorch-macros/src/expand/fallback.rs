//! What is emitted beside an error: the name, with empty implementations, so that one mistake stays one error.

use proc_macro2::TokenStream;
use quote::quote;

/// The error, and a model of nothing under the struct's name, where a name can be found.
pub(crate) fn model(error: syn::Error, item: TokenStream) -> TokenStream {
    let error = error.into_compile_error();
    let Some((visibility, name)) = visibility_and_name(item) else { return error };
    quote! {
        #error
        #[repr(C)]
        #visibility struct #name<T: ::nanotorch::element::Float = f32>([T; 0]);
        ::nanotorch::__stand_in!(#name [] [] []);
    }
}

/// The error, and the struct as it was written, where it is one.
pub(crate) fn layer(error: syn::Error, item: TokenStream) -> TokenStream {
    let error = error.into_compile_error();
    quote! { #error #item }
}

fn visibility_and_name(item: TokenStream) -> Option<(syn::Visibility, syn::Ident)> {
    let input: syn::DeriveInput = syn::parse2(item).ok()?;
    Some((input.vis, input.ident))
}
