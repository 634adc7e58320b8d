//! The backward pass: the steps in reverse.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::model::{Parts, Target};
use super::plan::planned;
use crate::graph::{Applied, Call};

/// The body of `Layer::backward`.
pub(crate) fn backward(parts: &Parts) -> TokenStream {
    let (names, planned) = (&parts.split.names, planned(parts));
    let steps = parts.graph.steps.iter().enumerate().rev().map(|(index, step)| {
        let Target { kind, edge, span, .. } = parts.target(step);
        match &step.call {
            Call::Field(field) | Call::Parameter(field) | Call::Applied(Applied { field, .. }) => {
                let layer = parts.layer(step, &edge, span);
                let field = &parts.definition.fields[*field];
                let member = &field.name;
                let gradient = if field.frozen {
                    quote!(::core::option::Option::None)
                } else {
                    // Rather than `map`, whose closures would be functions to compile, one for each field.
                    quote! {
                        match &mut gradient {
                            ::core::option::Option::Some(gradient) => {
                                ::core::option::Option::Some(&mut gradient.#member)
                            }
                            ::core::option::Option::None => ::core::option::Option::None,
                        }
                    }
                };
                let call = quote_spanned! {span=>
                    frame.step_backward::<#kind, #edge, __P>(
                        pass,
                        #layer,
                        #index,
                        #gradient,
                    );
                };
                if parts.graph.is_last_use(index) {
                    return call;
                }
                // A later use has written the gradient already; this one adds to it.
                quote_spanned! {span=>
                    let accumulate =
                        ::nanotorch::device::Pass::set_accumulate(pass, ::nanotorch::kernel::Accumulate::Add);
                    #call
                    ::nanotorch::device::Pass::set_accumulate(pass, accumulate);
                }
            }
            Call::Operation(operation) => {
                let (value, count) = (&operation.value, step.inputs.len());
                quote_spanned! {span=>
                    frame.operation_backward::<#kind, #edge, __P, #count>(pass, &#value, #index);
                }
            }
        }
    });
    quote! {
        let sheet = <__Chain<#names T, __I> as #planned>::sheet(pass);
        let mut gradient = gradient;
        let mut frame =
            ::nanotorch::model::frame::Frame::backward(sheet, ::nanotorch::model::frame::rows_of(pass), edges, memory);
        #(#steps)*
        let _ = &mut gradient;
    }
}
