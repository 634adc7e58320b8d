//! What a model offers under its own name: facts, and a way to make one.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::generics::Split;
use super::model::Parts;

/// What a user calls on the model's own name, which stands for its `f32` form.
pub(crate) fn inherent(parts: &Parts) -> TokenStream {
    let Split { bounded, names, clause, .. } = &parts.split;
    let name = &parts.definition.name;
    let visibility = &parts.definition.visibility;
    let facts = (!parts.arguments.inputs.is_empty()).then(|| {
        let batch = parts.arguments.batch.as_ref().map_or_else(|| quote!(1), |batch| quote!(#batch));
        quote! {
            /// The lengths of one input sample's axes.
            #visibility const INPUT: &'static [usize] = ::nanotorch::model::facts::input::<Self>();
            /// The lengths of one output sample's axes.
            #visibility const OUTPUT: &'static [usize] = ::nanotorch::model::facts::output::<Self>();
            /// Floating-point operations of one sample's forward pass.
            #visibility const FLOPS: usize = ::nanotorch::model::facts::flops::<Self>();
            /// Bytes of memory that an inference needs beside the parameters, for the declared batch (by default one sample).
            #visibility const INFER_BYTES: usize = Self::infer_bytes(#batch);
            /// Bytes of memory that a training step needs beside parameters, gradient and moments, for the declared batch (by default one sample).
            #visibility const TRAIN_BYTES: usize = Self::train_bytes(#batch);
            /// Bytes of memory that an inference of `batch` samples needs beside the parameters.
            #visibility const fn infer_bytes(batch: usize) -> usize {
                ::nanotorch::model::facts::infer_bytes::<Self>(batch)
            }
            /// Bytes of memory that a training step of `batch` samples needs beside parameters, gradient and moments.
            #visibility const fn train_bytes(batch: usize) -> usize {
                ::nanotorch::model::facts::train_bytes::<Self>(batch)
            }
        }
    });
    let checked = (!parts.arguments.inputs.is_empty() && parts.split.any).then(|| {
        quote! {
            /// That these arguments make a model whose layers fit: `const _: () = Net::<8>::CHECKED;` says so in `cargo check`.
            #visibility const CHECKED: () = <Self as ::nanotorch::model::Model>::CHECKED;
        }
    });
    let unknown = parts.arguments.inputs.is_empty().then(|| unknown(name));
    let input = parts.input();
    let program = if parts.graph.steps.is_empty() {
        // Beside a mistake there is none.
        quote!(::nanotorch::model::program::Program::NOTHING)
    } else {
        quote!(::nanotorch::model::program::program_of::<__Chain::<#names f32, #input>>())
    };
    let program = quote! {
        /// The forward and backward pass as they were derived, to be read: a line an edge, with shapes, bytes and places.
        #visibility const fn explain() -> ::nanotorch::model::program::Program {
            #program
        }
    };
    let summary = (!parts.arguments.inputs.is_empty()).then(|| {
        let batch = parts.arguments.batch.as_ref().map_or_else(|| quote!(1), |batch| quote!(#batch));
        quote! {
            /// What the model consists of and costs; printed, it is a table.
            #visibility fn summary() -> ::nanotorch::summary::Summary {
                ::nanotorch::summary::Summary::of::<Self>(#batch)
            }
            #program
        }
    });
    quote! {
        #[allow(dead_code, reason = "a program need not use everything that is derived")]
        impl<#bounded> #name<#names f32> #clause {
            /// How many parameters the model has.
            #visibility const PARAMS: usize = <Self as ::nanotorch::model::Parameters>::PARAMS;
            #facts
            #checked
            #unknown
        }
        ::nanotorch::__if_alloc! {
            #[allow(dead_code, reason = "a program need not use everything that is derived")]
            impl<#bounded> #name<#names f32> #clause {
                /// A model on the heap, initialised from a seed: the same seed gives the same parameters.
                #visibility fn new(seed: u64) -> ::nanotorch::__alloc::Box<Self> {
                    ::nanotorch::model::new(seed)
                }
                #summary
            }
        }
    }
}

/// The facts of a model without an input, which fail where they are asked for.
fn unknown(name: &Ident) -> TokenStream {
    let message = format!(
        "`{name}` has no declared input, without which its shapes and bytes aren't known: write `#[model(input = [1, 28, 28])]`"
    );
    let panic = quote_spanned!(name.span()=> ::core::panic!("{}", #message));
    let facts = [
        ("INPUT", quote!(&'static [usize])),
        ("OUTPUT", quote!(&'static [usize])),
        ("FLOPS", quote!(usize)),
        ("INFER_BYTES", quote!(usize)),
        ("TRAIN_BYTES", quote!(usize)),
    ];
    let facts = facts.into_iter().map(|(fact, kind)| {
        let fact = format_ident!("{fact}");
        quote!(#[doc(hidden)] pub const #fact: #kind = #panic;)
    });
    facts.collect()
}
