//! The rules that can be seen in the text. Each is a function, said in words; all that are broken are reported at once.

mod field;
mod input;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Type, TypeParam, parse_quote};

pub(crate) use field::mentions_alone;
use field::{
    is_always_there, is_another_model, is_frozen_once, is_made_of_numbers, is_not_frozen, looks_like_a_layer,
    names_fields_once, outermost,
};
pub(crate) use input::{arguments, forward};

use crate::graph::written;
use crate::mistakes::Mistakes;
use crate::parse::{Definition, Field, mentions, parameter_name};

/// The rules for a model.
pub(crate) fn model(definition: &Definition) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    has_fields(definition, &mut mistakes);
    has_no_lifetimes(definition, &mut mistakes);
    leaves_element_type_to_us(definition, &mut mistakes);
    says_that_its_parameters_are_layers(definition, &mut mistakes);
    counts_in_usize(definition, &mut mistakes);
    has_no_derives(definition, &mut mistakes);
    names_fields_once(&definition.fields, &mut mistakes);
    for field in &definition.fields {
        if is_another_model(field, definition, &mut mistakes) {
            looks_like_a_layer(field, &mut mistakes);
        }
        is_always_there(field, &mut mistakes);
        is_frozen_once(field, &mut mistakes);
    }
    mistakes.result()
}

/// Where a field's type is a type parameter, that is a layer, even if the bounds that were written say it only by another name.
pub(crate) fn bound_layers(definition: &mut Definition) {
    let generics = &definition.generics;
    let is_field = |name: &Ident| definition.fields.iter().any(|field| names(&field.kind) == Some(name));
    let layers: Vec<_> = generics
        .type_params()
        .filter(|parameter| is_field(&parameter.ident) && !bounds_mention(parameter, generics, "Module"))
        .map(|parameter| parameter.ident.clone())
        .collect();
    for layer in layers {
        let clause = definition.generics.make_where_clause();
        clause.predicates.push(parse_quote!(#layer: ::nanotorch::model::Module));
    }
}

/// The rules for a layer of one's own.
pub(crate) fn layer(definition: &Definition) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    has_no_lifetimes(definition, &mut mistakes);
    names_fields_once(&definition.fields, &mut mistakes);
    ends_with_element_type(definition, &mut mistakes);
    for field in &definition.fields {
        is_always_there(field, &mut mistakes);
        is_made_of_numbers(field, definition, &mut mistakes);
        is_not_frozen(field, &mut mistakes);
    }
    mistakes.result()
}

/// A model has at least one layer.
fn has_fields(definition: &Definition, mistakes: &mut Mistakes) {
    if definition.fields.is_empty() {
        mistakes.add(
            definition.name.span(),
            "a model needs at least one field: a layer, such as `fc1: Linear<784, 10>`",
        );
    }
}

/// A model owns its numbers, so it borrows nothing.
fn has_no_lifetimes(definition: &Definition, mistakes: &mut Mistakes) {
    for lifetime in definition.generics.lifetimes() {
        mistakes.add(
            lifetime.span(),
            format!("a model or layer owns its numbers and borrows nothing: remove `{}`", lifetime.lifetime),
        );
    }
}

/// `#[model]` adds the type of numbers, `T`, so the name is taken.
fn leaves_element_type_to_us(definition: &Definition, mistakes: &mut Mistakes) {
    let taken = |name: &Ident| name == "T";
    let parameters = definition.generics.params.iter().filter_map(parameter_name);
    let mut declared = false;
    for parameter in parameters.filter(|name| taken(name)) {
        declared = true;
        mistakes.add(
            parameter.span(),
            "`#[model]` adds the type parameter `T`, the type of the model's numbers; give this one another name, or remove it",
        );
    }
    for field in definition.fields.iter().filter(|_| !declared) {
        let name = Ident::new("T", field.kind.span());
        if let Some(span) = mentions(field.kind.to_token_stream(), &[name]) {
            mistakes.add(
                span,
                "`T` is the type of the model's numbers here, and fields get it by themselves: remove it, or name this type otherwise",
            );
        }
    }
}

/// A type parameter that is a field's type is a layer, and the struct says so.
fn says_that_its_parameters_are_layers(definition: &Definition, mistakes: &mut Mistakes) {
    for parameter in definition.generics.type_params().filter(|parameter| !is_bounded(parameter, definition))
    {
        let is_layer = |field: &Field| names(&field.kind).is_some_and(|name| *name == parameter.ident);
        if definition.fields.iter().any(is_layer) {
            let name = &parameter.ident;
            mistakes
                .add(parameter.span(), format!("`{name}` is the type of a layer: write `{name}: Module`"));
        }
    }
}

/// The lengths of the library's layers are `usize`, so a parameter that is passed on to one is one, too.
fn counts_in_usize(definition: &Definition, mistakes: &mut Mistakes) {
    const INTEGERS: [&str; 11] =
        ["u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64", "i128", "isize"];
    for parameter in definition.generics.const_params() {
        let kind = written(&parameter.ty);
        let names = std::slice::from_ref(&parameter.ident);
        let is_length = |field: &Field| {
            let layer = outermost(&field.kind).map(ToString::to_string).unwrap_or_default();
            LAYERS_OF_LENGTHS.contains(&layer.as_str())
                && mentions(field.kind.to_token_stream(), names).is_some()
        };
        if INTEGERS.contains(&kind.as_str()) && definition.fields.iter().any(is_length) {
            let name = &parameter.ident;
            mistakes.add_spanned(&parameter.ty, format!("lengths are `usize`: write `const {name}: usize`"));
        }
    }
}

/// Layers of the library whose parameters are lengths.
const LAYERS_OF_LENGTHS: [&str; 9] = [
    "Linear",
    "Conv1d",
    "Conv2d",
    "MaxPool2d",
    "AvgPool2d",
    "Embedding",
    "LayerNorm",
    "BatchNorm2d",
    "Reshape",
];

/// Whether a type parameter has any bound at all; which one is the compiler's to judge.
fn is_bounded(parameter: &TypeParam, definition: &Definition) -> bool {
    let clause = definition.generics.where_clause.to_token_stream();
    !parameter.bounds.is_empty() || mentions(clause, std::slice::from_ref(&parameter.ident)).is_some()
}

/// Whether the bounds of a type parameter mention a trait of this name.
pub(crate) fn bounds_mention(parameter: &TypeParam, generics: &Generics, name: &str) -> bool {
    let name = Ident::new(name, parameter.ident.span());
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let about = predicates.map(ToTokens::to_token_stream);
    about
        .filter(|predicate| mentions(predicate.clone(), std::slice::from_ref(&parameter.ident)).is_some())
        .chain(std::iter::once(parameter.bounds.to_token_stream()))
        .any(|bounds| mentions(bounds, std::slice::from_ref(&name)).is_some())
}

/// The single name that a type is, within any arrays.
pub(crate) fn names(kind: &Type) -> Option<&Ident> {
    match kind {
        Type::Path(path) if path.qself.is_none() => path.path.get_ident(),
        Type::Array(array) => names(&array.elem),
        Type::Paren(inner) => names(&inner.elem),
        Type::Group(inner) => names(&inner.elem),
        _ => None,
    }
}

/// A copy or comparison that is derived would be of what the struct becomes, for `T` numbers, which no layer promises.
fn has_no_derives(definition: &Definition, mistakes: &mut Mistakes) {
    for attribute in definition.attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        mistakes.add(
            attribute.path().span(),
            "a model derives nothing: copy it with `boxed_copy()`, and compare or print its numbers with `values()`, both of `Parameters`",
        );
    }
}

/// A layer's last generic parameter is the type of its numbers.
fn ends_with_element_type(definition: &Definition, mistakes: &mut Mistakes) {
    let name = &definition.name;
    let Some(GenericParam::Type(last)) = definition.generics.params.last() else {
        return mistakes.add(
            definition.generics.params.last().map_or(name.span(), Spanned::span),
            format!("a layer's last parameter is the type of its numbers: write `struct {name}<.., T: Float = f32>`"),
        );
    };
    let last_name = &last.ident;
    if !is_bounded(last, definition) || last.default.is_none() {
        mistakes.add(
            last.span(),
            format!("a layer's last parameter is the type of its numbers: write `{last_name}: Float = f32`"),
        );
    }
}
