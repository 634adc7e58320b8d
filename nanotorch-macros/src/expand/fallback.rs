//! What is emitted beside an error: the name, with empty implementations, so that one mistake stays one error.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, Fields, GenericParam, Generics, Ident, Item, Type, Visibility, parse_quote};

use super::generics::Split;
use super::model::shape_of;
use crate::arguments::{inputs_as_far_as_known, model_arguments};
use crate::check;
use crate::parse::{self, HandedOver, mentions};

/// The error, and a model of nothing under the struct's name, where a name can be found.
///
/// The error stands in a constant, which is the model's facts: what is computed from them fails with it, without a word.
pub(crate) fn model(error: syn::Error, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let error = error.into_compile_error();
    let Ok(parsed) = syn::parse2::<Item>(item.clone()) else { return error };
    let no_fields = Fields::Unit;
    let (attributes, visibility, name, generics, fields) = match &parsed {
        Item::Struct(item) => (&item.attrs, &item.vis, &item.ident, &item.generics, &item.fields),
        Item::Enum(item) => (&item.attrs, &item.vis, &item.ident, &item.generics, &no_fields),
        Item::Union(item) => (&item.attrs, &item.vis, &item.ident, &item.generics, &no_fields),
        _ => return quote!(#error #item),
    };
    let mistake = format_ident!("__MISTAKE_OF_{name}");
    let inputs = inputs_as_far_as_known(arguments);
    let input = if inputs.is_empty() { quote!(()) } else { shape_of(&inputs) };
    let stand_in = model_of_nothing(
        attributes,
        visibility,
        name,
        generics.clone(),
        fields,
        &quote!([#input] [#mistake]),
    );
    quote! {
        #[allow(non_upper_case_globals, reason = "it is called by the struct's name")]
        const #mistake: usize = {
            #error
            0
        };
        #stand_in
    }
}

/// The macro that a forward function looks for, for a model that isn't one: it does nothing.
fn nothing_to_forward(name: &Ident) -> TokenStream {
    let name = super::model::hand_over_name(name);
    quote! {
        #[allow(unused_macros, reason = "it only stands in")]
        macro_rules! #name {
            ($($block:tt)*) => {};
        }
        #[allow(unused_imports, clippy::single_component_path_imports, reason = "it only stands in")]
        pub(crate) use #name;
    }
}

fn model_of_nothing(
    attributes: &[Attribute],
    visibility: &Visibility,
    name: &Ident,
    mut generics: Generics,
    fields: &Fields,
    facts: &TokenStream,
) -> TokenStream {
    generics.params = generics.params.into_iter().filter(is_ours_to_keep).collect();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!('static));
    }
    let Split { declared, bounded, names, types, clause, .. } = Split::of(&generics);
    let docs = docs(attributes);
    let mut seen = Vec::new();
    let mut is_new = |name: &Option<Ident>| {
        let new = !seen.contains(name);
        seen.push(name.clone());
        new
    };
    let strange: Vec<_> = generics
        .const_params()
        .filter(|parameter| !super::slot::is_length(&parameter.ty))
        .map(|parameter| parameter.ident.clone())
        .collect();
    let kept: Vec<_> = fields
        .iter()
        .filter(|field| {
            let kind = field.ty.to_token_stream();
            is_plain(&field.ty)
                && !check::mentions_alone(kind.clone(), name)
                && mentions(kind, &strange).is_none()
                && is_new(&field.ident)
        })
        .collect();
    let members = kept.into_iter().filter(|field| field.ident.is_some()).map(|field| {
        let (docs, visibility, name, kind) = (self::docs(&field.attrs), &field.vis, &field.ident, &field.ty);
        quote!(#docs #visibility #name: #kind)
    });
    let nothing_to_forward = nothing_to_forward(name);
    quote! {
        #docs
        #[allow(dead_code, reason = "it only stands in")]
        #visibility struct #name<#declared T: ::nanotorch::element::Float = f32> #clause {
            #(#members,)*
            __numbers: ::core::marker::PhantomData<fn() -> (#types T,)>,
        }
        ::nanotorch::__stand_in!(#name [#bounded] [#names] [#clause] #facts);
        #nothing_to_forward
    }
}

fn is_ours_to_keep(parameter: &GenericParam) -> bool {
    match parameter {
        GenericParam::Lifetime(_) => false,
        GenericParam::Type(parameter) => parameter.ident != "T",
        GenericParam::Const(parameter) => parameter.ident != "T",
    }
}

fn docs(attributes: &[Attribute]) -> TokenStream {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .map(ToTokens::to_token_stream)
        .collect()
}

/// Whether a field's type can be kept without being a mistake of its own: a name, or an array, without lifetimes.
fn is_plain(kind: &Type) -> bool {
    fn borrows(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => borrows(group.stream()),
            TokenTree::Punct(punct) => punct.as_char() == '\'',
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        })
    }
    matches!(kind, Type::Path(_) | Type::Array(_)) && !borrows(kind.to_token_stream())
}

/// The error, and the struct as it was written, with what an `impl Layer` beside it builds on.
pub(crate) fn layer(error: syn::Error, item: TokenStream) -> TokenStream {
    let error = error.into_compile_error();
    let Ok(Item::Struct(mut item)) = syn::parse2::<Item>(item.clone()) else { return quote!(#error #item) };
    for field in &mut item.fields {
        field.attrs.retain(|attribute| !attribute.path().is_ident("frozen"));
    }
    let mut generics = item.generics.clone();
    if generics.lifetimes().next().is_some() {
        return quote!(#error #item);
    }
    let element = match generics.params.last_mut() {
        Some(GenericParam::Type(last)) => {
            last.bounds.push(parse_quote!(::nanotorch::element::Float));
            last.ident.to_token_stream()
        }
        _ => quote!(f32),
    };
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!('static));
    }
    let (name, Split { bounded, names, clause, .. }) = (&item.ident, Split::of(&generics));
    quote! {
        #error
        #item
        const _: () = {
            // SAFETY: it stands beside an error, so that it is never run.
            unsafe impl<#bounded> ::nanotorch::model::Parameters for #name<#names> #clause {
                type Element = #element;
                const PARAMS: usize = 0;
                fn describe(_: &::nanotorch::model::Path<'_>, _: &mut ::nanotorch::model::Walk<'_>) {}
            }
            #[diagnostic::do_not_recommend]
            impl<#bounded> ::nanotorch::model::Module for #name<#names> #clause {
                type With<__U: ::nanotorch::element::Float> = ::nanotorch::model::slot::StandIn<__U>;
                type Gradient = Self;
                type On<__I: ::nanotorch::shape::Shape> = Self;
                fn on<__I: ::nanotorch::shape::Shape>(&self) -> &Self {
                    self
                }
                fn begin(&mut self, _: &mut ::nanotorch::random::Random) {}
            }
        };
    }
}

/// The error, and a forward pass of nothing for the model that was handed over.
pub(crate) fn forward(error: syn::Error, tokens: TokenStream) -> TokenStream {
    let error = error.into_compile_error();
    let stand_in = parse::handed_over(tokens).and_then(|HandedOver { arguments, item, .. }| {
        let (definition, arguments) = (parse::structure(item, "model")?, model_arguments(arguments)?);
        // A model whose fields run in order does so, whatever else was written.
        Ok(arguments.forward.then(|| super::model::stand_in(&definition, &arguments, &error)))
    });
    stand_in.ok().flatten().unwrap_or(error)
}
