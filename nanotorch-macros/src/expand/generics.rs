//! Generic parameters as they are declared, passed on and bounded.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics};

/// The struct's generics, split into what each place needs.
pub(crate) struct Split {
    /// As the struct declares them, with bounds and defaults, each followed by a comma.
    pub(crate) declared: TokenStream,
    /// As an impl declares them, with bounds, each followed by a comma.
    pub(crate) bounded: TokenStream,
    /// Their names, each followed by a comma.
    pub(crate) names: TokenStream,
    /// The names of the type parameters alone, each followed by a comma.
    pub(crate) types: TokenStream,
    /// The where-clause.
    pub(crate) clause: TokenStream,
    /// Whether there are any.
    pub(crate) any: bool,
}

impl Split {
    /// All generics of a struct.
    pub(crate) fn of(generics: &Generics) -> Split {
        Split::of_parameters(generics.params.iter().cloned().collect(), generics)
    }

    /// All but the last, which for a layer is the type of its numbers.
    pub(crate) fn but_last(generics: &Generics) -> Split {
        let mut parameters: Vec<_> = generics.params.iter().cloned().collect();
        parameters.pop();
        Split::of_parameters(parameters, generics)
    }

    fn of_parameters(parameters: Vec<GenericParam>, generics: &Generics) -> Split {
        let mut split = Split {
            declared: TokenStream::new(),
            bounded: TokenStream::new(),
            names: TokenStream::new(),
            types: TokenStream::new(),
            clause: generics.where_clause.to_token_stream(),
            any: !parameters.is_empty(),
        };
        for mut parameter in parameters {
            split.declared.extend(quote!(#parameter,));
            match &mut parameter {
                GenericParam::Type(parameter) => {
                    parameter.default = None;
                    let name = &parameter.ident;
                    split.names.extend(quote!(#name,));
                    split.types.extend(quote!(#name,));
                }
                GenericParam::Const(parameter) => {
                    parameter.default = None;
                    let name = &parameter.ident;
                    split.names.extend(quote!(#name,));
                }
                GenericParam::Lifetime(parameter) => {
                    let lifetime = &parameter.lifetime;
                    split.names.extend(quote!(#lifetime,));
                }
            }
            split.bounded.extend(quote!(#parameter,));
        }
        split
    }
}
