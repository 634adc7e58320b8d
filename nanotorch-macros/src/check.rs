//! The rules that can be seen in the text. Each is a function, said in words; all that are broken are reported at once.

use syn::GenericParam;
use syn::spanned::Spanned;

use crate::parse::{Definition, ModelArguments};

const MAX_RANK: usize = 6;

/// Collects errors, so that two mistakes are two errors.
#[derive(Default)]
struct Mistakes(Option<syn::Error>);

impl Mistakes {
    fn add(&mut self, span: proc_macro2::Span, message: impl std::fmt::Display) {
        let error = syn::Error::new(span, message);
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    fn result(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// The rules for a model.
pub(crate) fn model(definition: &Definition, arguments: &ModelArguments) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    has_fields(definition, &mut mistakes);
    has_no_lifetimes(definition, &mut mistakes);
    leaves_element_type_to_us(definition, &mut mistakes);
    has_an_input_of_few_axes(arguments, &mut mistakes);
    mistakes.result()
}

/// The rules for a layer of one's own.
pub(crate) fn layer(definition: &Definition) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    has_no_lifetimes(definition, &mut mistakes);
    ends_with_element_type(definition, &mut mistakes);
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
        mistakes.add(lifetime.span(), "a model or layer owns its numbers: it can't have a lifetime");
    }
}

/// `#[model]` adds the type of numbers, `T`, so the name is taken.
fn leaves_element_type_to_us(definition: &Definition, mistakes: &mut Mistakes) {
    for parameter in definition.generics.type_params() {
        if parameter.ident == "T" {
            mistakes.add(
                parameter.span(),
                "`#[model]` adds the type parameter `T`, the type of the model's numbers; give this one another name",
            );
        }
    }
}

/// An input has as many axes as shapes have.
fn has_an_input_of_few_axes(arguments: &ModelArguments, mistakes: &mut Mistakes) {
    if let Some(input) = &arguments.input
        && let Some(surplus) = input.get(MAX_RANK)
    {
        mistakes.add(
            surplus.span(),
            format!("an input has at most {MAX_RANK} axes; this one has {}", input.len()),
        );
    }
}

/// A layer's last generic parameter is the type of its numbers.
fn ends_with_element_type(definition: &Definition, mistakes: &mut Mistakes) {
    if !matches!(definition.generics.params.last(), Some(GenericParam::Type(_))) {
        mistakes.add(
            definition.name.span(),
            "a layer's last type parameter is the type of its numbers: write `struct Name<.., T: Float = f32>`",
        );
    }
}
