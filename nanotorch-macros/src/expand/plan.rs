//! The edges' types and the memory plan, as constants of a marker type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::model::{Parts, Target};
use super::program;
use crate::graph::{Applied, Call};

/// How edges and layers are written in the expansion.
///
/// Where the model is concrete, each edge is a type alias with its dimensions worked out; otherwise it is an associated type
/// of the marker, so that the text stays linear in the number of layers.
pub(crate) fn edges(parts: &Parts) -> TokenStream {
    let Parts { definition, graph, split, .. } = parts;
    let visibility = &definition.visibility;
    let (bounded, names, types, clause) = (&split.bounded, &split.names, &split.types, &split.clause);
    let inputs = graph.inputs.len();
    let given = (0..inputs).map(|number| {
        let shape = parts.one_input(number);
        edge_type(parts, number, &shape)
    });
    let computed = graph.steps.iter().enumerate().map(|(index, step)| {
        let Target { as_trait, span, .. } = parts.target(step);
        let out = quote_spanned!(span=> #as_trait::Out);
        if !parts.is_concrete() {
            return edge_type(parts, inputs + index, &out);
        }
        let (alias, axes) = (format_ident!("__Computed{index}", span = span), 0..6usize);
        // Several outputs, joined, aren't one plain shape. All others are made plain: their types mention earlier edges only
        // within constants, without which each edge would repeat the types of all before it.
        let plain = quote_spanned! {span=>
            <::nanotorch::shape::Plain<
                { <#alias as ::nanotorch::shape::Shape>::RANK },
                #({ <#alias as ::nanotorch::shape::Shape>::DIMS[#axes] },)*
            > as ::nanotorch::shape::PlainShape>::Shape
        };
        let edge =
            edge_type(parts, inputs + index, if parts.graph.may_be_several(index) { &out } else { &plain });
        quote_spanned!(span=> type #alias = #out; #edge)
    });
    let steps = graph.steps.len();
    let frozen = |field: usize| definition.fields[field].frozen.then(|| quote!(.frozen()));
    let list = graph.steps.iter().map(|step| {
        let Target { kind, edge, span, .. } = parts.target(step);
        let numbers = step.inputs.iter().map(|edge| graph.plan_number(*edge));
        match &step.call {
            Call::Field(field) | Call::Applied(Applied { field, .. }) => {
                let frozen = frozen(*field);
                quote_spanned!(span=> ::nanotorch::model::step::Step::of::<#kind, #edge>(#(#numbers)*) #frozen)
            }
            Call::Parameter(field) => {
                let frozen = frozen(*field);
                quote_spanned!(span=> ::nanotorch::model::step::Step::parameter::<#kind, #edge>() #frozen)
            }
            Call::Operation(_) => quote_spanned! {span=>
                ::nanotorch::model::step::Step::operation::<#kind, #edge, T>(&[#(#numbers),*])
            },
        }
    });
    let lengths = (0..inputs).map(|number| {
        let shape = parts.one_input(number);
        quote!(<#shape as ::nanotorch::shape::Shape>::LEN)
    });
    let numbers = concrete_numbers(parts);
    let (program, planned) = (program::program(parts), planned(parts));
    quote! {
        #numbers
        // As visible as the model: it stands in the model's own associated types, and private layers may stand in its.
        #visibility struct __Chain<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape>(
            ::core::marker::PhantomData<fn() -> (#types T, __I)>,
        ) #clause;
        #(#given)*
        #(#computed)*
        impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape> #planned for __Chain<#names T, __I>
            #clause
        {
            const LIST: [::nanotorch::model::step::Step; #steps] = [#(#list,)*];
            const LENGTHS: &'static [usize] = &[#(#lengths),*];
        }
        #program
    }
}

/// The trait that the marker has for its plans.
pub(crate) fn planned(parts: &Parts) -> TokenStream {
    let steps = parts.graph.steps.len();
    let rows: usize = parts.graph.steps.iter().map(|step| step.inputs.len().max(1)).sum();
    quote!(::nanotorch::model::planned::Planned<#steps, #rows>)
}

/// In a concrete model the numbers' type, as it is called within the impls, stands for itself outside of them.
fn concrete_numbers(parts: &Parts) -> Option<TokenStream> {
    parts.is_concrete().then(|| {
        quote! {
            #[allow(dead_code, reason = "only shapes are asked of it")]
            type T = f32;
        }
    })
}

/// One edge: an alias, or an associated type of the marker.
fn edge_type(parts: &Parts, number: usize, shape: &TokenStream) -> TokenStream {
    if parts.is_concrete() {
        let alias = format_ident!("__Edge{number}");
        return quote!(type #alias = #shape;);
    }
    let (bounded, names, clause) = (&parts.split.bounded, &parts.split.names, &parts.split.clause);
    quote! {
        impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape> ::nanotorch::model::Edge<#number>
            for __Chain<#names T, __I> #clause
        {
            type Shape = #shape;
        }
    }
}
