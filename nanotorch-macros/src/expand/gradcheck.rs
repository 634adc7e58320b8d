//! The test of the gradients that a model or layer asks for.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::model::shape_of;
use crate::arguments::{ModelArguments, Wish};
use crate::parse::Definition;

/// The test of a model, on its declared input or on what is said.
pub(crate) fn of_model(definition: &Definition, arguments: &ModelArguments) -> Option<TokenStream> {
    let asked = arguments.gradcheck.as_ref()?;
    let name = &definition.name;
    Some(match (&asked.of, &arguments.inputs[..]) {
        (Some(_), _) => of_layer(definition, asked),
        (None, [_, ..]) if definition.generics.params.is_empty() => {
            let kind = quote!(#name<f64>);
            test(definition, asked, &kind, &quote!(<#kind as ::nanotorch::model::Model>::Input))
        }
        (None, _) => syn::Error::new(
            asked.span,
            format!("say which `{name}` is to be tested, and on what: `gradcheck({name}<4>, [4])`"),
        )
        .into_compile_error(),
    })
}

/// The test of a layer, on what is said.
pub(crate) fn of_layer(definition: &Definition, asked: &Wish) -> TokenStream {
    let Some((kind, inputs)) = &asked.of else { return TokenStream::new() };
    let kind = quote!(<#kind as ::nanotorch::model::Module>::With<f64>);
    test(definition, asked, &kind, &shape_of(inputs))
}

fn test(definition: &Definition, asked: &Wish, kind: &TokenStream, input: &TokenStream) -> TokenStream {
    let mut module = String::new();
    for letter in definition.name.to_string().chars() {
        if letter.is_uppercase() && !module.is_empty() {
            module.push('_');
        }
        module.extend(letter.to_lowercase());
    }
    let (module, span) = (format_ident!("{module}_gradients", span = asked.span), asked.span);
    quote_spanned! {span=>
        #[cfg(test)]
        mod #module {
            #[allow(unused_imports, reason = "it may be that nothing but the type itself is named")]
            use super::*;

            #[test]
            fn match_differences() {
                let compared = ::nanotorch::gradcheck::Gradcheck::default().property::<#input, #kind>();
                if let ::core::result::Result::Err(error) = compared {
                    ::core::panic!("{error}");
                }
            }
        }
    }
}
