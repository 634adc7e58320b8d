//! The whole of a model or layer, put together.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::generics::Split;
use super::parameters::Numbers;
use super::{backward, check, forward, parameters, plan, slot};
use crate::arguments::ModelArguments;
use crate::graph::Graph;
use crate::parse::{Definition, Field};

/// Everything that is known about a model.
pub(crate) struct Parts<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) arguments: &'a ModelArguments,
    pub(crate) graph: &'a Graph,
    pub(crate) split: Split,
}

impl Parts<'_> {
    /// Whether every shape can be worked out here and now: the input is declared and the struct isn't generic.
    pub(crate) fn is_concrete(&self) -> bool {
        self.arguments.input.is_some() && !self.split.any
    }

    /// The shape of the model's input, where edges are defined.
    pub(crate) fn input(&self) -> TokenStream {
        match &self.arguments.input {
            Some(lengths) => quote!(::nanotorch::shape![#(#lengths),*]),
            None => quote!(__I),
        }
    }

    /// The type of an edge.
    pub(crate) fn edge(&self, edge: usize) -> TokenStream {
        if self.is_concrete() {
            let alias = format_ident!("__Edge{edge}");
            quote!(#alias)
        } else {
            let names = &self.split.names;
            quote!(<__Chain<#names T, __I> as ::nanotorch::model::Edge<#edge>>::Shape)
        }
    }

    /// The type of a field, known to be a layer.
    pub(crate) fn kind(&self, field: usize) -> TokenStream {
        slot::by_name(field, &self.definition.fields[field], &self.definition.generics)
    }

    /// The type of a step's layer, with the numbers `T`, known to take its input.
    pub(crate) fn layer(&self, step: usize) -> TokenStream {
        let step = &self.graph.steps[step];
        let (kind, edge) = (self.kind(step.field), self.edge(step.input));
        quote_spanned!(kind.span()=> <<#kind as ::nanotorch::model::Module>::With<T> as ::nanotorch::model::Module>::On<#edge>)
    }
}

/// A struct of layers as a model.
pub(crate) fn model(definition: &Definition, arguments: &ModelArguments, graph: &Graph) -> TokenStream {
    let parts = Parts { definition, arguments, graph, split: Split::of(&definition.generics) };
    let Split { declared, bounded, names, clause, .. } = &parts.split;
    let Definition { attributes, visibility, name, fields, .. } = definition;
    let gradient = format_ident!("{name}Gradient");
    let gradient_doc = format!("The gradient of [`{name}`] by its parameters, field by field.");
    let float = quote!(::nanotorch::element::Float);

    let members = fields.iter().map(|field| {
        let Field { attributes, visibility, name, kind, .. } = field;
        let plain = with_element(&quote!(#kind));
        let kind = with_element(&slot::in_full(field, &definition.generics));
        // A page of documentation shows the type as it was written; only errors need its slot.
        quote! {
            #[cfg(doc)] #(#attributes)* #visibility #name: #plain,
            #[cfg(not(doc))] #(#attributes)* #visibility #name: #kind
        }
    });
    let gradient_members = fields.iter().map(|field| {
        let Field { visibility, name, .. } = field;
        let Field { kind, .. } = field;
        let plain = gradient_of(field, &quote!(#kind));
        let kind = gradient_of(field, &slot::in_full(field, &definition.generics));
        let doc = format!("The gradient by the parameters of `{name}`.");
        quote! {
            #[cfg(doc)] #[doc = #doc] #visibility #name: #plain,
            #[cfg(not(doc))] #[doc = #doc] #visibility #name: #kind
        }
    });

    let target = quote!(#name<#names T>);
    let gradient_target = quote!(#gradient<#names T>);
    let all_bounded = quote!(#bounded T: #float);
    let element = quote!(T);
    let named = || fields.iter().enumerate().map(|(index, field)| (field, parts.kind(index)));
    let kinds: Vec<_> = named().map(|(field, kind)| Numbers::of(field, with_element(&kind))).collect();
    let gradients: Vec<_> =
        named().map(|(field, kind)| Numbers::of(field, gradient_of(field, &kind))).collect();
    let names_of_layers = slot::short_names(definition);
    let numbers = parameters::parameters(&target, &all_bounded, clause, &element, &kinds);
    let gradient_numbers =
        parameters::parameters(&gradient_target, &all_bounded, clause, &element, &gradients);
    let initialize = parameters::initialize(&target, &all_bounded, clause);
    let begin = parameters::begin(definition);
    let edges = plan::edges(&parts);
    let layer = layer_impl(&parts, &target);
    let checks = check::checks(&parts);
    let inherent = inherent(&parts);

    quote! {
        #(#attributes)*
        #[allow(clippy::type_complexity, reason = "the types are the expansion's")]
        #[repr(C)]
        #visibility struct #name<#declared T: #float = f32> #clause {
            #(#members,)*
        }

        #[doc = #gradient_doc]
        #[allow(clippy::type_complexity, reason = "the types are the expansion's")]
        #[repr(C)]
        #visibility struct #gradient<#declared T: #float = f32> #clause {
            #(#gradient_members,)*
        }

        #[allow(clippy::type_complexity, reason = "the types are the expansion's")]
        const _: () = {
            #names_of_layers
            #numbers
            #gradient_numbers
            #initialize

            #[diagnostic::do_not_recommend]
            impl<#all_bounded> ::nanotorch::model::Module for #target #clause {
                type With<__U: #float> = #name<#names __U>;
                type Gradient = #gradient_target;
                type On<__I: ::nanotorch::shape::Shape> = Self;
                #[inline(always)]
                fn on<__I: ::nanotorch::shape::Shape>(&self) -> &Self {
                    self
                }
                #begin
            }

            #edges
            #layer
            #checks
            #inherent
        };
    }
}

fn with_element(kind: &TokenStream) -> TokenStream {
    quote_spanned!(kind.span()=> <#kind as ::nanotorch::model::Module>::With<T>)
}

fn gradient_of(field: &Field, kind: &TokenStream) -> TokenStream {
    if field.frozen {
        quote!(::nanotorch::model::parameters::Nothing<T>)
    } else {
        let kind = with_element(kind);
        quote_spanned!(field.kind.span()=> <#kind as ::nanotorch::model::Module>::Gradient)
    }
}

fn layer_impl(parts: &Parts, target: &TokenStream) -> TokenStream {
    let Split { bounded, names, clause, .. } = &parts.split;
    let steps = parts.graph.steps.len();
    let out = parts.edge(steps);
    let fit = check::fit(parts);
    let (forward, backward) = (forward::forward(parts), backward::backward(parts));
    let flops = (0..steps).map(|step| {
        let (layer, edge) = (parts.layer(step), parts.edge(parts.graph.steps[step].input));
        let span = parts.definition.fields[parts.graph.steps[step].field].kind.span();
        quote_spanned!(span=> <#layer as ::nanotorch::model::Layer<#edge>>::FLOPS)
    });
    let model = parts.arguments.input.is_some().then(|| {
        let input = parts.input();
        quote! {
            impl<#bounded T: ::nanotorch::element::Float> ::nanotorch::model::Model for #target #clause {
                type Input = #input;
            }
        }
    });
    quote! {
        impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape> ::nanotorch::model::Layer<__I>
            for #target #clause
        {
            type Out = #out;
            const FIT: ::nanotorch::model::Fit = #fit;
            const FLOPS: usize = 0 #(+ #flops)*;
            const NEEDS: ::nanotorch::model::Needs =
                __Chain::<#names T, __I>::TRAINING.needs(&__Chain::<#names T, __I>::INFERENCE);

            #[inline(always)]
            fn forward<__P: ::nanotorch::device::Pass>(
                &self,
                pass: &mut __P,
                x: &[T],
                y: &mut [T],
                memory: ::nanotorch::model::Memory<'_, T>,
            ) {
                #forward
            }

            #[inline(always)]
            fn backward<__P: ::nanotorch::device::Pass>(
                &self,
                pass: &mut __P,
                edges: ::nanotorch::model::Backward<'_, T>,
                gradient: ::core::option::Option<&mut Self::Gradient>,
                memory: ::nanotorch::model::Memory<'_, T>,
            ) {
                #backward
            }
        }
        #model
    }
}

/// What a user calls on the model's own name, which stands for its `f32` form.
fn inherent(parts: &Parts) -> TokenStream {
    let Split { bounded, names, clause, .. } = &parts.split;
    let name = &parts.definition.name;
    let visibility = &parts.definition.visibility;
    let facts = parts.arguments.input.is_some().then(|| {
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
    let summary = parts.arguments.input.is_some().then(|| {
        let batch = parts.arguments.batch.as_ref().map_or_else(|| quote!(1), |batch| quote!(#batch));
        quote! {
            /// What the model consists of and costs; printed, it is a table.
            #visibility fn summary() -> ::nanotorch::summary::Summary {
                ::nanotorch::summary::Summary::of::<Self>(#batch)
            }
        }
    });
    quote! {
        #[allow(dead_code, reason = "a program need not use everything that is derived")]
        impl<#bounded> #name<#names f32> #clause {
            /// How many parameters the model has.
            #visibility const PARAMS: usize = <Self as ::nanotorch::model::Parameters>::PARAMS;
            #facts
        }
        ::nanotorch::__if_alloc! {
            #[allow(dead_code, reason = "a program need not use everything that is derived")]
            impl<#bounded> #name<#names f32> #clause {
                /// A model on the heap, initialised from a seed: the same seed gives the same parameters.
                #visibility fn new(seed: u64) -> ::nanotorch::__Box<Self> {
                    ::nanotorch::model::new(seed)
                }
                #summary
            }
        }
    }
}

/// A struct of arrays as a layer: its numbers and what holds for every input; `impl Layer` is the user's.
pub(crate) fn layer(definition: &Definition) -> TokenStream {
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
    let numbers = parameters::parameters(&target, bounded, clause, &element, &kinds);
    let stateless = fields.iter().all(|field| parameters::is_phantom(&field.kind));
    let initialize = stateless.then(|| {
        quote! {
            impl<#bounded> ::nanotorch::model::Initialize for #target #clause {
                fn initialize(&mut self, _: &mut ::nanotorch::random::Random) {}
            }
        }
    });
    // What is missing is missed at the struct's name, not at the attribute.
    let span = Span::call_site().located_at(name.span());
    let on = quote_spanned!(span=> type On<__I: ::nanotorch::shape::Shape> = Self;);
    let begin = quote_spanned!(span=> ::nanotorch::model::Initialize::initialize(self, random););
    quote! {
        #(#attributes)*
        #[repr(C)]
        #visibility struct #name<#declared> #clause {
            #(#members,)*
        }

        #[allow(clippy::type_complexity, reason = "the types are the expansion's")]
        const _: () = {
            #(#questions)*
            #numbers
            #initialize

            #[diagnostic::do_not_recommend]
            impl<#bounded> ::nanotorch::model::Module for #target #clause {
                type With<__U: ::nanotorch::element::Float> = #name<#others __U>;
                type Gradient = Self;
                #on
                #[inline(always)]
                fn on<__I: ::nanotorch::shape::Shape>(&self) -> &Self {
                    self
                }
                fn begin(&mut self, random: &mut ::nanotorch::random::Random) {
                    #begin
                }
            }
        };
    }
}
