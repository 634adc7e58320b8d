//! A field's type as a layer: the type itself, or a stand-in where it is none, and the one error that says so.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Type, TypeParam};

use super::parameters::{field_name, is_phantom};
use crate::check::{bounds_mention, names};
use crate::graph::written;
use crate::parse::{Definition, Field, mentions, parameter_name};

/// A field's layer, written in full: for the struct itself, outside of the expansion's block.
pub(crate) fn in_full(field: &Field, generics: &Generics) -> TokenStream {
    let kind = &field.kind;
    match layer_answerable(field, generics) {
        Some(example) => {
            let answer = ask(&example, "IS_LAYER");
            quote_spanned! {kind.span()=>
                <::nanotorch::model::slot::Slot<fn() -> #kind> as ::nanotorch::model::slot::Choose<{ #answer }>>::Layer
            }
        }
        None => quote!(#kind),
    }
}

/// A field's layer by its short name, which [`short_names`] defines.
pub(crate) fn by_name(index: usize, field: &Field, generics: &Generics) -> TokenStream {
    if field.generic {
        return in_full(field, generics);
    }
    format_ident!("__Layer{index}", span = field.kind.span()).to_token_stream()
}

/// The short names.
pub(crate) fn short_names(definition: &Definition) -> TokenStream {
    let named = definition.fields.iter().enumerate().filter(|(_, field)| !field.generic);
    named
        .map(|(index, field)| {
            let name = by_name(index, field, &definition.generics);
            let full = in_full(field, &definition.generics);
            quote_spanned! {field.kind.span()=>
                #[allow(dead_code, reason = "not every part of the expansion names every field")]
                type #name = #full;
            }
        })
        .collect()
}

/// For each type that must be a layer a constant that fails where it isn't.
pub(crate) fn questions(definition: &Definition) -> TokenStream {
    let fields = definition.fields.iter();
    fields
        .filter_map(|field| {
            let (kind, span) = (&field.kind, field.kind.span());
            let example = layer_answerable(field, &definition.generics)?;
            let answer = ask(&example, "IS_MEANT_AS_LAYER");
            let message = format!(
                "field `{}: {}` is not a layer; a field is a layer, another `#[model]`, or an array of those, and a layer of your own is a struct with `#[layer]` and an `impl Layer`",
                field_name(field),
                written(kind),
            );
            let panic = quote_spanned!(span=> ::core::panic!("{}", #message));
            Some(quote_spanned!(span=> const _: () = if !{ #answer } { #panic };))
        })
        .collect()
}

/// A constant that says what a type is.
pub(crate) fn ask(kind: &TokenStream, question: &str) -> TokenStream {
    let span = kind.span();
    let question = format_ident!("{question}", span = span);
    quote_spanned! {span=>
        #[allow(unused_imports, reason = "it is used where the type is no layer")]
        use ::nanotorch::model::slot::Otherwise as _;
        ::nanotorch::model::slot::Slot::<fn() -> #kind>::#question
    }
}

/// What a field of a layer is made of, and the constant that fails where that is no numbers.
pub(crate) fn numbers(field: &Field, definition: &Definition) -> (TokenStream, TokenStream) {
    let (kind, span) = (&field.kind, field.kind.span());
    let element = definition.generics.params.last().and_then(parameter_name);
    let example = answerable(field, &definition.generics, |parameter, _| {
        if Some(&parameter.ident) == element {
            return Some(quote_spanned!(span=> f32));
        }
        parameter.default.as_ref().map(|(_, default)| default.to_token_stream())
    });
    let Some(example) = example.filter(|_| !is_phantom(kind)) else {
        return (quote!(#kind), TokenStream::new());
    };
    let answer = ask(&example, "IS_NUMBERS");
    let element = element.map_or_else(|| quote!(f32), ToTokens::to_token_stream);
    let message = format!(
        "field `{}: {}` isn't made of `{element}` alone, the type of the layer's numbers; write an array, such as `[{element}; 8]`",
        field_name(field),
        written(kind),
    );
    let panic = quote_spanned!(span=> ::core::panic!("{}", #message));
    let numbers = quote_spanned! {span=>
        <::nanotorch::model::slot::Slot<fn() -> #kind> as ::nanotorch::model::slot::ChooseNumbers<
            { #answer },
            #element,
        >>::Numbers
    };
    (numbers, quote_spanned!(span=> const _: () = if !{ #answer } { #panic };))
}

/// The question for a field of a model. A type parameter alone needs none: its bound is the answer.
fn layer_answerable(field: &Field, generics: &Generics) -> Option<TokenStream> {
    if field.generic && names(&field.kind).is_some() {
        return None;
    }
    answerable(field, generics, layer_for_layers)
}

/// A layer for a type parameter that is a layer.
fn layer_for_layers(parameter: &TypeParam, generics: &Generics) -> Option<TokenStream> {
    let span = parameter.ident.span();
    bounds_mention(parameter, generics, "Module")
        .then(|| quote_spanned!(span=> ::nanotorch::model::slot::StandIn))
}

/// A type of which can be said in a constant what it is: the field's own; or, where that mentions generic parameters, the
/// same for other arguments, if some are known that do: 1 for lengths, and for types what `argument` says.
fn answerable(
    field: &Field,
    generics: &Generics,
    argument: impl Fn(&TypeParam, &Generics) -> Option<TokenStream>,
) -> Option<TokenStream> {
    let kind = field.kind.to_token_stream();
    if !field.generic {
        return Some(kind);
    }
    let span = field.kind.span();
    let mut example = kind;
    for parameter in &generics.params {
        let Some(name) = parameter_name(parameter) else { continue };
        if mentions(example.clone(), std::slice::from_ref(name)).is_none() {
            continue;
        }
        if is_qualifier(example.clone(), name) {
            return None;
        }
        let argument = match parameter {
            GenericParam::Type(parameter) => argument(parameter, generics)?,
            GenericParam::Const(parameter) if is_length(&parameter.ty) => quote_spanned!(span=> 1),
            _ => return None,
        };
        example = replaced(example, &name.to_string(), &argument);
    }
    Some(example)
}

/// Whether a name stands before `::`, where no other type can stand.
fn is_qualifier(tokens: TokenStream, name: &Ident) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Ident(found) => {
                found == *name
                    && matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':')
            }
            TokenTree::Group(group) => is_qualifier(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        if found {
            return true;
        }
    }
    false
}

pub(crate) fn is_length(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.is_ident("usize"))
}

fn replaced(tokens: TokenStream, name: &str, by: &TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(found) if found == name => by.clone(),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replaced(group.stream(), name, by));
                inner.set_span(group.span());
                TokenTree::Group(inner).into()
            }
            other => other.into(),
        })
        .collect()
}
