//! The rules for a field of a model or layer.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, GenericParam, Meta, Type};

use crate::graph::written;
use crate::mistakes::Mistakes;
use crate::parse::{Definition, Field, mentions, parameter_name};

/// Names tell fields apart.
pub(super) fn names_fields_once(fields: &[Field], mistakes: &mut Mistakes) {
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
pub(super) fn looks_like_a_layer(field: &Field, mistakes: &mut Mistakes) {
    let what = match &field.kind {
        Type::Reference(_) => "a reference",
        Type::Ptr(_) => "a pointer",
        Type::FnPtr(_) => "a function",
        Type::TraitObject(_) => "a trait object",
        Type::ImplTrait(_) => "an `impl Trait`",
        Type::Tuple(_) => "a tuple",
        Type::Slice(_) => "a slice",
        Type::Infer(_) => "`_`",
        Type::Never(_) => "never there",
        kind => return is_no_plain_value(field, kind, mistakes),
    };
    mistakes.add_spanned(
        &field.kind,
        format!(
            "field `{}` is {what}, not a layer; it can be a layer, another `#[model]`, or an array of those",
            field.name
        ),
    );
}

/// A field isn't a number, a text or a collection of Rust's own.
fn is_no_plain_value(field: &Field, kind: &Type, mistakes: &mut Mistakes) {
    let Some(last) = outermost(kind) else { return };
    let instead = match last.to_string().as_str() {
        "f32" | "f64" | "f16" | "bf16" => {
            "numbers that are trained are a parameter, `Param<R1<8>>`, in a model with `forward`; others are constants"
        }
        "bool" | "char" | "str" | "String" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8"
        | "i16" | "i32" | "i64" | "i128" | "isize" => {
            "settings are parameters of the struct, `struct Net<const WIDTH: usize>`, or constants"
        }
        "Vec" | "VecDeque" => "several layers are an array, `[Linear<8, 8>; 3]`",
        "Box" | "Rc" | "Arc" | "Cell" | "RefCell" | "Mutex" => {
            "write the layer itself: a model is made on the heap as a whole"
        }
        "Option" | "Result" => "write the layer itself: what a model consists of is the same in every build",
        "Tensor" | "HashMap" | "BTreeMap" => {
            "numbers that are trained are a parameter, `Param<R1<8>>`, in a model with `forward`"
        }
        _ => return,
    };
    mistakes.add_spanned(
        &field.kind,
        format!("field `{}: {}` is not a layer; {instead}", field.name, written(&field.kind)),
    );
}

/// The name of a type, within any arrays, whatever its arguments.
pub(super) fn outermost(kind: &Type) -> Option<&Ident> {
    match kind {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().map(|segment| &segment.ident),
        Type::Array(array) => outermost(&array.elem),
        Type::Paren(inner) => outermost(&inner.elem),
        Type::Group(inner) => outermost(&inner.elem),
        _ => None,
    }
}

/// A model has an end.
pub(super) fn is_another_model(field: &Field, definition: &Definition, mistakes: &mut Mistakes) -> bool {
    let is_another = !mentions_alone(field.kind.to_token_stream(), &definition.name);
    if !is_another {
        mistakes.add_spanned(
            &field.kind,
            format!("`{}` can't contain itself: it would have no end", definition.name),
        );
    }
    is_another
}

/// Whether a name is mentioned other than as part of a path.
pub(crate) fn mentions_alone(tokens: TokenStream, name: &Ident) -> bool {
    let mut behind_colon = false;
    tokens.into_iter().any(|token| {
        let found = match &token {
            TokenTree::Ident(found) => found == name && !behind_colon,
            TokenTree::Group(group) => mentions_alone(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        };
        behind_colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
        found
    })
}

/// What is trained, saved and planned is the same in every build.
pub(super) fn is_always_there(field: &Field, mistakes: &mut Mistakes) {
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
pub(super) fn is_frozen_once(field: &Field, mistakes: &mut Mistakes) {
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
pub(super) fn is_not_frozen(field: &Field, mistakes: &mut Mistakes) {
    for mark in &field.marks {
        mistakes.add(
            mark.span(),
            "`#[frozen]` stands on a layer in a `#[model]`, not on the numbers in a `#[layer]`",
        );
    }
}

/// What a layer holds is made of the numbers whose type is its last parameter, so its type mentions one of its parameters.
pub(super) fn is_made_of_numbers(field: &Field, definition: &Definition, mistakes: &mut Mistakes) {
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
