//! A field's type as a layer: the type itself, or a stand-in where it is none, and the one error that says so.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::parse::{Definition, Field};

/// A field's layer, written in full: for the struct itself, outside of the expansion's block.
///
/// A type that mentions a generic parameter can't be looked at here; there the bounds of the parameter speak.
pub(crate) fn in_full(field: &Field) -> TokenStream {
    let kind = &field.kind;
    if field.generic {
        return quote!(#kind);
    }
    quote_spanned! {kind.span()=>
        <::nanotorch::model::slot::Slot<#kind> as ::nanotorch::model::slot::Choose<{
            #[allow(unused_imports, reason = "it is used where the type is no layer")]
            use ::nanotorch::model::slot::Otherwise as _;
            ::nanotorch::model::slot::Slot::<#kind>::IS_LAYER
        }>>::Layer
    }
}

/// A field's layer by its short name, which [`names`] defines.
pub(crate) fn by_name(index: usize, field: &Field) -> TokenStream {
    if field.generic {
        let kind = &field.kind;
        return quote!(#kind);
    }
    let name = format_ident!("__Layer{index}", span = field.kind.span());
    quote!(#name)
}

/// The short names, and for each type that must be a layer the question whether it is.
pub(crate) fn names(definition: &Definition) -> TokenStream {
    let fields = definition.fields.iter().enumerate().filter(|(_, field)| !field.generic);
    fields
        .map(|(index, field)| {
            let (kind, full) = (&field.kind, in_full(field));
            let name = by_name(index, field);
            quote_spanned! {kind.span()=>
                type #name = #full;
                const _: ::core::option::Option<<#kind as ::nanotorch::model::Module>::Gradient> = ::core::option::Option::None;
            }
        })
        .collect()
}
