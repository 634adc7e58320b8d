//! The edges' types and the memory plan, as constants of a marker type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::Parts;

/// How edges and layers are written in the expansion.
///
/// Where the model is concrete, each edge is a type alias with its dimensions worked out; otherwise it is an associated type
/// of the marker, so that the text stays linear in the number of layers.
pub(crate) fn edges(parts: &Parts) -> TokenStream {
    let Parts { definition, graph, split, .. } = parts;
    let (bounded, names, types, clause) = (&split.bounded, &split.names, &split.types, &split.clause);
    let steps = graph.steps.len();
    // As visible as the model: it stands in the model's own associated types, and private layers may stand in its.
    let visibility = &definition.visibility;
    let marker = quote! {
        #visibility struct __Chain<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape>(
            ::core::marker::PhantomData<fn() -> (#types T, __I)>,
        ) #clause;
    };
    let edges: TokenStream = if parts.is_concrete() {
        (0..=steps)
            .map(|edge| {
                let alias = format_ident!("__Edge{edge}");
                if edge == 0 {
                    let input = parts.input();
                    return quote!(type #alias = #input;);
                }
                let field = parts.kind(graph.steps[edge - 1].field);
                let before = parts.edge(graph.steps[edge - 1].input);
                let raw = quote_spanned! {field.span()=>
                    <<<#field as ::nanotorch::model::Module>::With<f32> as ::nanotorch::model::Module>::On<#before>
                        as ::nanotorch::model::Layer<#before>>::Out
                };
                let (computed, axes) = (format_ident!("__Computed{edge}", span = field.span()), 0..6usize);
                quote_spanned! {field.span()=>
                    type #computed = #raw;
                    type #alias = <::nanotorch::shape::Plain<
                        { <#computed as ::nanotorch::shape::Shape>::RANK },
                        #({ <#computed as ::nanotorch::shape::Shape>::DIMS[#axes] },)*
                    > as ::nanotorch::shape::PlainShape>::Shape;
                }
            })
            .collect()
    } else {
        (0..=steps)
            .map(|edge| {
                let shape = if edge == 0 {
                    parts.input()
                } else {
                    let (layer, before) = (parts.layer(edge - 1), parts.edge(graph.steps[edge - 1].input));
                    let span = definition.fields[graph.steps[edge - 1].field].kind.span();
                    quote_spanned!(span=> <#layer as ::nanotorch::model::Layer<#before>>::Out)
                };
                quote! {
                    impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape>
                        ::nanotorch::model::Edge<#edge> for __Chain<#names T, __I> #clause
                    {
                        type Shape = #shape;
                    }
                }
            })
            .collect()
    };
    let list = (0..steps).map(|step| {
        let (layer, input) = (parts.layer(step), graph.steps[step].input);
        let before = parts.edge(input);
        // Plans count edges from the first output; the model's inputs come behind them.
        let number = if input == 0 { steps } else { input - 1 };
        let span = definition.fields[graph.steps[step].field].kind.span();
        quote_spanned!(span=> ::nanotorch::model::plan::Step::of::<#layer, #before>(#number))
    });
    quote! {
        #marker
        #edges
        impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape> __Chain<#names T, __I> #clause {
            const STEPS: [::nanotorch::model::plan::Step; #steps] = [#(#list,)*];
            const TRAINING: ::nanotorch::model::plan::Plan<#steps> =
                ::nanotorch::model::plan::plan_training(Self::STEPS);
            const INFERENCE: ::nanotorch::model::plan::Plan<#steps> =
                ::nanotorch::model::plan::plan_inference(Self::STEPS);
        }
    }
}
