//! The rules that can be seen in the text. Each is a function, said in words; all that are broken are reported at once.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, GenericParam, Generics, ItemImpl, Lit, Meta, Type, TypeParam, UnOp, parse_quote};

use crate::arguments::ModelArguments;
use crate::mistakes::Mistakes;
use crate::parse::{Definition, Field, mentions, parameter_name};

const MAX_RANK: usize = 6;

/// The rules for a model.
pub(crate) fn model(definition: &Definition) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    has_fields(definition, &mut mistakes);
    has_no_lifetimes(definition, &mut mistakes);
    leaves_element_type_to_us(definition, &mut mistakes);
    says_that_its_parameters_are_layers(definition, &mut mistakes);
    has_no_derives(definition, &mut mistakes);
    names_fields_once(&definition.fields, &mut mistakes);
    for field in &definition.fields {
        looks_like_a_layer(field, &mut mistakes);
        is_another_model(field, definition, &mut mistakes);
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

/// The rules for a model's arguments.
pub(crate) fn arguments(arguments: &ModelArguments) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    has_an_input_of_few_axes(arguments, &mut mistakes);
    for length in arguments.inputs.iter().flatten() {
        is_a_length(length, "an axis", &mut mistakes);
    }
    if let Some(batch) = &arguments.batch {
        is_a_length(batch, "a batch", &mut mistakes);
    }
    mistakes.result()
}

/// The rules for a forward function beside its model's.
pub(crate) fn forward(arguments: &ModelArguments, block: &ItemImpl) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    declares_each_input(arguments, block, &mut mistakes);
    mistakes.result()
}

/// A model with several inputs says what each looks like.
fn declares_each_input(arguments: &ModelArguments, block: &ItemImpl, mistakes: &mut Mistakes) {
    let Some(syn::ImplItem::Fn(function)) = block.items.first() else { return };
    let named = function.sig.inputs.len().saturating_sub(1);
    let declared = arguments.inputs.len();
    if declared == 0 && named > 1 {
        mistakes.add(
            function.sig.inputs.span(),
            "a model with several inputs declares them: `#[model(input = ([64], [32]), forward)]`",
        );
    } else if declared > 0 && named != declared && named > 0 {
        mistakes.add(
            function.sig.inputs.span(),
            format!("`forward` takes {named} edges, but `input` declares {declared}"),
        );
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

/// Names tell fields apart.
fn names_fields_once(fields: &[Field], mistakes: &mut Mistakes) {
    for (index, field) in fields.iter().enumerate() {
        if fields[..index].iter().any(|earlier| earlier.name == field.name) {
            mistakes.add(
                field.name.span(),
                format!("there is a field `{}` already; give this one another name", field.name),
            );
        }
    }
}

/// A layer's type is a path, or an array of them.
fn looks_like_a_layer(field: &Field, mistakes: &mut Mistakes) {
    let what = match &field.kind {
        Type::Reference(_) => "a reference",
        Type::Ptr(_) => "a pointer",
        Type::FnPtr(_) => "a function",
        Type::TraitObject(_) => "a trait object",
        Type::ImplTrait(_) => "an `impl Trait`",
        Type::Tuple(_) => "a tuple",
        Type::Slice(_) => "a slice",
        Type::Infer(_) => "a gap",
        Type::Never(_) => "never there",
        _ => return,
    };
    mistakes.add(
        field.kind.span(),
        format!(
            "field `{}` is {what}, not a layer; it can be a layer, another `#[model]`, or an array of those",
            field.name
        ),
    );
}

/// A model has an end.
fn is_another_model(field: &Field, definition: &Definition, mistakes: &mut Mistakes) {
    if names(&field.kind) == Some(&definition.name) {
        mistakes.add(
            field.kind.span(),
            format!("`{}` can't contain itself: it would have no end", definition.name),
        );
    }
}

/// What is trained, saved and planned is the same in every build.
fn is_always_there(field: &Field, mistakes: &mut Mistakes) {
    let hides = |attribute: &&Attribute| attribute.path().is_ident("cfg") || is_conditional_mark(attribute);
    for attribute in field.attributes.iter().filter(hides) {
        mistakes.add(
            attribute.path().span(),
            format!(
                "the fields are the same in every build: put the attribute on the whole struct, and write one struct with `{}` and one without",
                field.name
            ),
        );
    }
}

/// `#[cfg_attr(.., frozen)]`, which is worked out before `#[model]` sees it nowhere.
fn is_conditional_mark(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg_attr")
        && mentions(list.tokens.clone(), &[Ident::new("frozen", list.path.span())]).is_some()
}

/// `#[frozen]` stands alone and once.
fn is_frozen_once(field: &Field, mistakes: &mut Mistakes) {
    for mark in &field.marks {
        if !matches!(mark.meta, Meta::Path(_)) {
            mistakes.add(mark.path().span(), "`#[frozen]` takes no arguments: a field is frozen or it isn't");
        }
    }
    if let [_, second, ..] = field.marks.as_slice() {
        mistakes.add(second.path().span(), format!("`{}` is `#[frozen]` twice; keep one", field.name));
    }
}

/// Frozen is what a model says of a layer, not what a layer says of itself.
fn is_not_frozen(field: &Field, mistakes: &mut Mistakes) {
    for mark in &field.marks {
        mistakes.add(
            mark.span(),
            "`#[frozen]` stands on a layer in a `#[model]`, not on the numbers in a `#[layer]`",
        );
    }
}

/// An input has as many axes as shapes have.
fn has_an_input_of_few_axes(arguments: &ModelArguments, mistakes: &mut Mistakes) {
    for input in &arguments.inputs {
        if let Some(surplus) = input.get(MAX_RANK) {
            mistakes.add(
                surplus.span(),
                format!("an input has at most {MAX_RANK} axes; this one has {}", input.len()),
            );
        }
    }
}

/// A length is a whole number from 1 on, where that can be seen; a name or a sum is the compiler's to judge.
fn is_a_length(length: &Expr, of: &str, mistakes: &mut Mistakes) {
    let wrong = match length {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => match number.base10_parse::<usize>() {
                Ok(0) => "0",
                Ok(_) if matches!(number.suffix(), "" | "usize") => return,
                _ => "not a `usize`",
            },
            Lit::Float(_) => "a number with a point",
            Lit::Str(_) | Lit::Char(_) => "a text",
            _ => "something else",
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => "negative",
        Expr::Infer(_) => "a gap",
        _ => return,
    };
    let hint = if of == "an axis" { "; leave the batch out, it is not part of a sample" } else { "" };
    let hint = if matches!(wrong, "a gap" | "negative") { hint } else { "" };
    mistakes
        .add(length.span(), format!("the length of {of} is a whole number from 1 on; this is {wrong}{hint}"));
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

/// What a layer holds is made of the numbers whose type is its last parameter, so its type mentions one of its parameters.
fn is_made_of_numbers(field: &Field, definition: &Definition, mistakes: &mut Mistakes) {
    if !field.generic && matches!(definition.generics.params.last(), Some(GenericParam::Type(_))) {
        let element = definition.generics.params.last().and_then(parameter_name);
        let element = element.map_or_else(String::new, Ident::to_string);
        mistakes.add(
            field.kind.span(),
            format!(
                "field `{}` isn't made of `{element}`, the type of the layer's numbers: write it as an array, such as `[{element}; 8]`; settings are constant parameters",
                field.name
            ),
        );
    }
}
