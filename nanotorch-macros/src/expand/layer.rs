//! A layer of one's own: a struct of arrays.

use proc_macro2::TokenStream;
use quote::quote;

use super::generics::Split;
use super::parameters::Numbers;
use super::{complete, gradcheck, parameters, slot};
use crate::arguments::Wish;
use crate::graph::written;
use crate::parse::{Definition, Field};

/// A struct of arrays as a layer: its numbers and what holds for every input; `impl Layer` is the user's.
pub(crate) fn layer(definition: &Definition, gradcheck: Option<&Wish>) -> TokenStream {
    let gradcheck = gradcheck.map(|asked| gradcheck::of_layer(definition, asked));
    let Definition { attributes, visibility, name, generics, fields } = definition;
    let split = Split::but_last(generics);
    let all = Split::of(generics);
    let (declared, bounded, names, clause) = (&all.declared, &all.bounded, &all.names, &all.clause);
    let others = &split.names;
    let Some(syn::GenericParam::Type(element)) = generics.params.last() else { return TokenStream::new() };
    let element = &element.ident;
    let element = quote!(#element);
    let members = fields.iter().map(|field| {
        let Field { attributes, visibility, name, kind, .. } = field;
        quote!(#(#attributes)* #visibility #name: #kind)
    });
    let (kinds, questions): (Vec<_>, Vec<_>) = fields
        .iter()
        .map(|field| {
            let (kind, (numbers, question)) = (&field.kind, slot::numbers(field, definition));
            (Numbers { field, stored: quote!(#kind), described: numbers }, question)
        })
        .unzip();
    let target = quote!(#name<#names>);
    let numbers = parameters::parameters(&target, bounded, clause, &element, &kinds, true);
    let stateless = fields.iter().all(|field| parameters::is_phantom(&field.kind));
    let initialize = stateless.then(|| {
        quote! {
            impl<#bounded> ::nanotorch::model::Initialize for #target #clause {
                fn initialize(&mut self, _: &mut ::nanotorch::random::Random) {}
            }
        }
    });
    let parameters = complete::declared(&generics.params);
    let missing = format!(
        "`{name}` has no `impl Layer`: write `impl<I: Shape, {parameters}> Layer<I> for {}`, for every shape `I`; which of them it takes is said by its `FIT`",
        written(&target).replace(",>", ">"),
    );
    let (on, question) = complete::on(name, &target, complete::example(name, generics, true), &missing);
    let missing = format!(
        "`{name}` doesn't say how its parameters begin: write `impl<{parameters}> Initialize for {}`, with `fn initialize(&mut self, random: &mut Random)`",
        written(&target).replace(",>", ">"),
    );
    let (begin, beginning) =
        complete::begin(name, &target, complete::example(name, generics, true), &missing);
    quote! {
        #gradcheck
        #(#attributes)*
        #[repr(C)]
        #visibility struct #name<#declared> #clause {
            #(#members,)*
        }

        #[allow(clippy::type_complexity, reason = "the types are the expansion's")]
        const _: () = {
            #(#questions)*
            #question
            #beginning
            #numbers
            #initialize

            #[diagnostic::do_not_recommend]
            impl<#bounded> ::nanotorch::model::Module for #target #clause {
                type With<__U: ::nanotorch::element::Float> = #name<#others __U>;
                type Gradient = Self;
                #on
                fn begin(&mut self, random: &mut ::nanotorch::random::Random) {
                    #begin
                }
            }
        };
    }
}
