//! The forward pass: step after step.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::model::{Parts, Target};
use super::parameters::field_name;
use super::plan::planned;
use crate::graph::{Applied, Call, written};

/// The body of `Layer::forward`.
pub(crate) fn forward(parts: &Parts) -> TokenStream {
    let (names, planned) = (&parts.split.names, planned(parts));
    let steps = parts.graph.steps.iter().enumerate().map(|(index, step)| {
        let Target { kind, edge, span, .. } = parts.target(step);
        match &step.call {
            Call::Field(field) | Call::Parameter(field) | Call::Applied(Applied { field, .. }) => {
                let field = &parts.definition.fields[*field];
                let (name, written) = (field_name(field), written(&field.kind));
                let layer = parts.layer(step, &edge, span);
                let (method, types, reader) = match parts.graph.only_reader(index) {
                    Some(reader) => {
                        let reader = &parts.graph.steps[reader];
                        let Target { kind, edge, .. } = parts.target(reader);
                        let layer = parts.layer(reader, &edge, span);
                        let types = quote_spanned!(span=> , #kind, #edge);
                        (quote_spanned!(span=> step_forward_before), types, quote_spanned!(span=> #layer,))
                    }
                    None => (quote_spanned!(span=> step_forward), TokenStream::new(), TokenStream::new()),
                };
                quote_spanned! {span=>
                    frame.#method::<#kind, #edge, __P #types>(
                        pass,
                        #layer,
                        #reader
                        #index,
                        &::nanotorch::device::Name::Field(#name),
                        #written,
                    );
                }
            }
            Call::Operation(operation) => {
                let (value, count, written, name) =
                    (&operation.value, step.inputs.len(), &operation.name, &step.name);
                quote_spanned! {span=>
                    frame.operation_forward::<#kind, #edge, __P, #count>(
                        pass,
                        &#value,
                        #index,
                        &::nanotorch::device::Name::Field(#name),
                        #written,
                    );
                }
            }
        }
    });
    quote! {
        let sheet = <__Chain<#names T, __I> as #planned>::sheet(pass);
        let mut frame =
            ::nanotorch::model::frame::Frame::forward(sheet, ::nanotorch::model::frame::rows_of(pass), x, y, memory);
        #(#steps)*
    }
}
