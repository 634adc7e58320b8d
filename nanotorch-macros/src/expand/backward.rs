//! The backward pass: the steps in reverse.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::Parts;

/// The body of `Layer::backward`.
pub(crate) fn backward(parts: &Parts) -> TokenStream {
    let names = &parts.split.names;
    let steps = parts.graph.steps.iter().enumerate().rev().map(|(index, step)| {
        let field = &parts.definition.fields[step.field];
        let (layer, edge, member) = (parts.layer(index), parts.edge(step.input), &field.name);
        let gradient = if field.frozen {
            quote!(::core::option::Option::None)
        } else {
            quote!(gradient.as_mut().map(|gradient| &mut gradient.#member))
        };
        quote_spanned! {field.kind.span()=>
            frame.step_backward::<#layer, #edge, __P>(
                pass,
                ::nanotorch::model::Module::on::<#edge>(&self.#member),
                &plan.steps[#index],
                #gradient,
            );
        }
    });
    quote! {
        let plan = const { &__Chain::<#names T, __I>::TRAINING };
        let mut gradient = gradient;
        let mut frame =
            ::nanotorch::model::frame::Frame::backward(::nanotorch::model::frame::rows_of(pass), edges, memory);
        #(#steps)*
        let _ = &mut gradient;
    }
}
