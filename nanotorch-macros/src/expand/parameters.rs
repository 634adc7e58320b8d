//! The numbers of a model or layer: layout, names, beginning.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::parse::{Definition, Field};

/// `unsafe impl Parameters`: the layout is proven by a constant, the fields by the calls in `describe`.
pub(crate) fn parameters(
    target: &TokenStream,
    bounded: &TokenStream,
    clause: &TokenStream,
    element: &TokenStream,
    fields: &[(&Field, TokenStream)],
) -> TokenStream {
    let sizes = fields
        .iter()
        .map(|(field, kind)| quote_spanned!(field.kind.span()=> ::core::mem::size_of::<#kind>()));
    let described = fields.iter().filter(|(field, _)| !is_phantom(&field.kind)).map(|(field, kind)| {
        let name = field_name(field);
        let frozen = field.frozen;
        if frozen {
            quote_spanned!(field.kind.span()=> walk.with_role::<#kind>(::nanotorch::model::Role::Frozen, &path.field(#name));)
        } else {
            quote_spanned!(field.kind.span()=> ::nanotorch::model::parameters::describe_field::<#kind, #element>(&path.field(#name), walk);)
        }
    });
    quote! {
        // SAFETY: the struct is `repr(C)`; that its fields fill it is asserted in `PARAMS`, and that each consists of the
        // element type alone is required by `describe_field`.
        unsafe impl<#bounded> ::nanotorch::model::Parameters for #target #clause {
            type Element = #element;
            const PARAMS: usize = {
                ::core::assert!(
                    ::core::mem::size_of::<Self>() == 0 #(+ #sizes)*,
                    "the fields must fill the struct without gaps"
                );
                ::core::mem::size_of::<Self>() / ::core::mem::size_of::<#element>()
            };
            fn describe(path: &::nanotorch::model::Path<'_>, walk: &mut ::nanotorch::model::Walk<'_>) {
                let _ = path;
                let _ = &walk;
                #(#described)*
            }
        }
    }
}

/// `impl Initialize`, field by field.
pub(crate) fn initialize(
    target: &TokenStream,
    bounded: &TokenStream,
    clause: &TokenStream,
    definition: &Definition,
) -> TokenStream {
    let calls = definition.fields.iter().map(|field| {
        let name = &field.name;
        quote_spanned!(field.kind.span()=> ::nanotorch::model::Initialize::initialize(&mut self.#name, random);)
    });
    quote! {
        impl<#bounded> ::nanotorch::model::Initialize for #target #clause {
            fn initialize(&mut self, random: &mut ::nanotorch::random::Random) {
                let _ = &random;
                #(#calls)*
            }
        }
    }
}

/// Whether a field is a `PhantomData`, which holds no numbers.
pub(crate) fn is_phantom(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "PhantomData"))
}

/// A field's name as text, without the `r#` of a raw identifier.
pub(crate) fn field_name(field: &Field) -> String {
    syn::ext::IdentExt::unraw(&field.name).to_string()
}
