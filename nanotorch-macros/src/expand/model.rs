//! The whole of a model, put together.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ItemImpl};

use super::generics::Split;
use super::inherent::inherent;
use super::parameters::Numbers;
use super::{backward, check, complete, forward, gradcheck, parameters, plan, program, slot};
use crate::arguments::ModelArguments;
use crate::graph::{Call, Edge, Graph, Step};
use crate::parse::{Definition, Field, target_path};

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
        !self.arguments.inputs.is_empty() && !self.split.any
    }

    /// The shape of all of the model's inputs together.
    pub(crate) fn input(&self) -> TokenStream {
        if self.arguments.inputs.is_empty() { quote!(__I) } else { shape_of(&self.arguments.inputs) }
    }

    /// The shape of one of the model's inputs. Of several that aren't declared it is a part of whatever the model is given.
    pub(crate) fn one_input(&self, number: usize) -> TokenStream {
        match self.arguments.inputs.get(number) {
            Some(lengths) => quote!(::nanotorch::shape![#(#lengths),*]),
            None if self.graph.inputs.len() > 1 => {
                quote!(::nanotorch::computed::Computed<::nanotorch::graph::PartOf<__I, #number>>)
            }
            None => quote!(__I),
        }
    }

    /// The type of an edge.
    pub(crate) fn edge(&self, edge: Edge) -> TokenStream {
        let number = self.graph.number(edge);
        if self.is_concrete() {
            let alias = format_ident!("__Edge{number}");
            quote!(#alias)
        } else {
            let names = &self.split.names;
            quote!(<__Chain<#names T, __I> as ::nanotorch::model::Edge<#number>>::Shape)
        }
    }

    /// The type of the edges that a step reads, as a tuple.
    pub(crate) fn edges(&self, step: &Step) -> TokenStream {
        let edges = step.inputs.iter().map(|edge| self.edge(*edge));
        quote!((#(#edges,)*))
    }

    /// The type of the model's output.
    pub(crate) fn output(&self) -> TokenStream {
        self.edge(Edge::Step(self.graph.steps.len() - 1))
    }

    /// The type of a field, known to be a layer.
    pub(crate) fn kind(&self, field: usize) -> TokenStream {
        slot::by_name(field, &self.definition.fields[field], &self.definition.generics)
    }

    /// What a step does, by type: a layer that is known to take its input, or an operation.
    pub(crate) fn target(&self, step: &Step) -> Target {
        // Shown where the user wrote it. A forward function's tokens have come through another macro; there names must mean
        // what they mean in this expansion.
        let span = if self.arguments.forward { step.span.resolved_at(Span::call_site()) } else { step.span };
        match &step.call {
            Call::Field(field) => self.layer_on(&self.kind(*field), self.edge(step.inputs[0]), span),
            // A parameter reads no edge; the model's input stands where a layer has one.
            Call::Parameter(field) => {
                let span = self.definition.fields[*field].kind.span().resolved_at(Span::call_site());
                self.layer_on(&self.kind(*field), self.one_input(0), span)
            }
            Call::Applied(applied) => {
                self.layer_on(&applied.kind(&self.kind(applied.field)), self.edge(step.inputs[0]), span)
            }
            Call::Operation(operation) => {
                let (kind, edges) = (operation.kind.clone(), self.edges(step));
                Target {
                    as_trait: quote_spanned!(span=> <#kind as ::nanotorch::model::Operation<#edges, T>>),
                    kind,
                    edge: edges,
                    span,
                }
            }
        }
    }

    /// A step's layer as a value.
    pub(crate) fn layer(&self, step: &Step, edge: &TokenStream, span: Span) -> TokenStream {
        let Some(field) = step.call.field() else { return TokenStream::new() };
        let member = &self.definition.fields[field].name;
        let own = match &step.call {
            Call::Applied(applied) => {
                let kind = applied.kind(&quote!(_));
                quote!(<#kind>::of(&self.#member))
            }
            _ => quote!(&self.#member),
        };
        quote_spanned!(span=> ::nanotorch::model::Module::on::<#edge>(#own))
    }

    fn layer_on(&self, kind: &TokenStream, edge: TokenStream, span: Span) -> Target {
        let layer = quote_spanned!(span=> <<#kind as ::nanotorch::model::Module>::With<T> as ::nanotorch::model::Module>::On<#edge>);
        Target {
            as_trait: quote_spanned!(span=> <#layer as ::nanotorch::model::Layer<#edge>>),
            kind: layer,
            edge,
            span,
        }
    }
}

/// The shape of inputs of these lengths, one or several together.
pub(crate) fn shape_of(inputs: &[Vec<Expr>]) -> TokenStream {
    let shapes = inputs.iter().map(|lengths| quote!(::nanotorch::shape![#(#lengths),*]));
    if inputs.len() == 1 {
        quote!(#(#shapes)*)
    } else {
        quote!(::nanotorch::computed::Joined<(#(#shapes,)*)>)
    }
}

/// What a step does, in types.
pub(crate) struct Target {
    /// The layer or operation.
    pub(crate) kind: TokenStream,
    /// The same as the trait that has its facts.
    pub(crate) as_trait: TokenStream,
    /// The shape that a layer reads, or the tuple of shapes that an operation reads.
    pub(crate) edge: TokenStream,
    /// Where a mistake is shown.
    pub(crate) span: Span,
}

/// A struct of layers as a model, field after field.
pub(crate) fn model(definition: &Definition, arguments: &ModelArguments, graph: &Graph) -> TokenStream {
    let (storage, forward) = (storage(definition, false), forward_of(definition, arguments, graph));
    quote! { #storage #forward }
}

/// The macro that hands a model's text to its `#[forward] impl`. As an import it is found from above the model, too.
pub(crate) fn handing_over(name: &syn::Ident, (arguments, item): &(TokenStream, TokenStream)) -> TokenStream {
    let name = hand_over_name(name);
    quote! {
        #[doc(hidden)]
        #[allow(unused_macros, reason = "a model whose fields run in order has no forward function")]
        macro_rules! #name {
            ($($block:tt)*) => { ::nanotorch::__derive_forward! { [#arguments] { #item } $($block)* } };
        }
        #[doc(hidden)]
        #[allow(unused_imports, clippy::single_component_path_imports, reason = "it is for what stands above")]
        pub(crate) use #name;
    }
}

/// A struct of layers whose forward pass is written in an `impl`: the struct, and a macro that hands its text to that.
pub(crate) fn model_with_forward(
    definition: &Definition,
    written: &(TokenStream, TokenStream),
) -> TokenStream {
    let (storage, name) = (storage(definition, true), &definition.name);
    let (handing_over, without_forward) =
        (handing_over(name, written), complete::without_forward(definition));
    quote! {
        #storage
        #handing_over
        #without_forward
    }
}

/// The call of the macro that a model with a forward function left behind.
pub(crate) fn hand_over(block: &ItemImpl) -> TokenStream {
    let Some(target) = target_path(block).and_then(|path| path.segments.last()) else {
        return TokenStream::new();
    };
    let name = hand_over_name(&target.ident);
    let modules: Vec<_> = target_path(block).iter().flat_map(|path| &path.segments).rev().skip(1).collect();
    if !modules.is_empty() {
        // A mistake; it is told where the model is known.
        let modules: Vec<_> = modules.iter().rev().map(|module| &module.ident).collect();
        return quote! {
            const _: () = {
                #[allow(unused_imports, reason = "nothing but the model may be named")]
                use #(#modules::)* *;
                #(#modules::)* #name! { #block }
            };
        };
    }
    quote! {
        #name! { #block }
        // From here on the name is ambiguous, which the compiler tells a second forward function.
        #[allow(unused_macros, reason = "a second forward function is a mistake")]
        macro_rules! #name {
            ($($second:tt)*) => {};
        }
    }
}

/// If the macro isn't there, or there twice, all that the compiler says is its name, so that is what is missing or ambiguous.
pub(crate) fn hand_over_name(model: &syn::Ident) -> syn::Ident {
    let span = Span::call_site().located_at(model.span());
    format_ident!("a_model_{model}_with_one_forward_function", span = span)
}

/// The struct, its gradient, and what both are as numbers.
fn storage(definition: &Definition, with_forward: bool) -> TokenStream {
    let split = Split::of(&definition.generics);
    let Split { declared, bounded, names, clause, .. } = &split;
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
    let named = || {
        fields
            .iter()
            .enumerate()
            .map(|(index, field)| (field, slot::by_name(index, field, &definition.generics)))
    };
    let kinds: Vec<_> = named().map(|(field, kind)| Numbers::of(field, with_element(&kind))).collect();
    let gradients: Vec<_> =
        named().map(|(field, kind)| Numbers::of(field, gradient_of(field, &kind))).collect();
    let (names_of_layers, questions) = (slot::short_names(definition), slot::questions(definition));
    let numbers = parameters::parameters(&target, &all_bounded, clause, &element, &kinds, false);
    let gradient_numbers =
        parameters::parameters(&gradient_target, &all_bounded, clause, &element, &gradients, false);
    let initialize = parameters::initialize(&target, &all_bounded, clause);
    let begin = parameters::begin(definition);
    let missing = format!(
        "`{name}` says `forward`, but has no forward function: write `#[forward] impl {name} {{ fn forward(&self, x: Edge) -> Edge {{ .. }} }}` below it, or leave `forward` out to run the fields in order"
    );
    let example = with_forward.then(|| complete::example(name, &definition.generics, false)).flatten();
    let (on, question) = complete::on(name, &target, example, &missing);

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
            #questions
            #question
            #numbers
            #gradient_numbers
            #initialize

            #[diagnostic::do_not_recommend]
            impl<#all_bounded> ::nanotorch::model::Module for #target #clause {
                type With<__U: #float> = #name<#names __U>;
                type Gradient = #gradient_target;
                #on
                #begin
            }
        };
    }
}

/// What a model does: its edges, plan, passes, checks, and what it offers under its own name.
pub(crate) fn forward_of(definition: &Definition, arguments: &ModelArguments, graph: &Graph) -> TokenStream {
    let parts = Parts { definition, arguments, graph, split: Split::of(&definition.generics) };
    let names_of_layers = slot::short_names(definition);
    let edges = plan::edges(&parts);
    let layer = layer_impl(&parts);
    let (checks, of_defaults) = (check::checks(&parts), check::of_defaults(&parts));
    let (inherent, shown) = (inherent(&parts), program::shown(&parts));
    let gradcheck = gradcheck::of_model(definition, arguments);
    quote! {
        #gradcheck
        #[allow(clippy::type_complexity, reason = "the types are the expansion's")]
        const _: () = {
            #names_of_layers
            #edges
            #layer
            #checks
            #of_defaults
            #inherent
            #shown
        };
    }
}

/// A forward pass of nothing, made of the error in the real one: what is computed from its facts fails with it, without a word.
pub(crate) fn stand_in(
    definition: &Definition,
    arguments: &ModelArguments,
    error: &TokenStream,
) -> TokenStream {
    let graph = Graph { inputs: Vec::new(), steps: Vec::new(), outputs: None };
    let parts = Parts { definition, arguments, graph: &graph, split: Split::of(&definition.generics) };
    let Split { bounded, names, clause, .. } = &parts.split;
    let name = &definition.name;
    let (model, inherent) = (model_impl(&parts), inherent(&parts));
    quote! {
        const _: () = {
            const __MISTAKE: usize = {
                #error
                0
            };
            impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape> ::nanotorch::model::Layer<__I>
                for #name<#names T> #clause
            {
                type Out = __I;
                const FIT: ::nanotorch::model::Fit = ::nanotorch::model::Fit::Unknown;
                const FLOPS: usize = __MISTAKE;
                const NEEDS: ::nanotorch::model::Needs =
                    ::nanotorch::model::Needs { saved: __MISTAKE, ..::nanotorch::model::Needs::NOTHING };
                fn forward<__P: ::nanotorch::device::Pass>(
                    &self,
                    _: &mut __P,
                    _: &[T],
                    _: &mut [T],
                    _: ::nanotorch::model::Memory<'_, T>,
                ) {
                }
                fn backward<__P: ::nanotorch::device::Pass>(
                    &self,
                    _: &mut __P,
                    _: ::nanotorch::model::Backward<'_, T>,
                    _: ::core::option::Option<&mut Self::Gradient>,
                    _: ::nanotorch::model::Memory<'_, T>,
                ) {
                }
            }
            #model
            #inherent
        };
    }
}

fn with_element(kind: &TokenStream) -> TokenStream {
    quote_spanned!(kind.span()=> <#kind as ::nanotorch::model::Module>::With<T>)
}

fn gradient_of(field: &Field, kind: &TokenStream) -> TokenStream {
    if field.frozen {
        quote!(::nanotorch::model::parameters::Frozen<T>)
    } else {
        let kind = with_element(kind);
        quote_spanned!(field.kind.span()=> <#kind as ::nanotorch::model::Module>::Gradient)
    }
}

fn model_impl(parts: &Parts) -> Option<TokenStream> {
    let Split { bounded, names, clause, .. } = &parts.split;
    let name = &parts.definition.name;
    (!parts.arguments.inputs.is_empty()).then(|| {
        let (input, checked) = (parts.input(), check::checked(parts));
        quote! {
            impl<#bounded T: ::nanotorch::element::Float> ::nanotorch::model::Model for #name<#names T> #clause {
                type Input = #input;
                #checked
            }
        }
    })
}

fn layer_impl(parts: &Parts) -> TokenStream {
    let Split { bounded, names, clause, .. } = &parts.split;
    let name = &parts.definition.name;
    let out = parts.output();
    let fit = check::fit(parts);
    let (forward, backward, model) = (forward::forward(parts), backward::backward(parts), model_impl(parts));
    let planned = plan::planned(parts);
    let flops = parts.graph.steps.iter().map(|step| {
        let Target { as_trait, span, .. } = parts.target(step);
        quote_spanned!(span=> #as_trait::FLOPS)
    });
    let layers = parts.graph.steps.iter().map(|step| {
        let Target { as_trait, span, .. } = parts.target(step);
        match step.call {
            Call::Operation(_) => quote!(1),
            _ => quote_spanned!(span=> #as_trait::STEPS),
        }
    });
    quote! {
        impl<#bounded T: ::nanotorch::element::Float, __I: ::nanotorch::shape::Shape> ::nanotorch::model::Layer<__I>
            for #name<#names T> #clause
        {
            type Out = #out;
            const FIT: ::nanotorch::model::Fit = #fit;
            const FLOPS: usize = 0 #(+ #flops)*;
            const STEPS: usize = 0 #(+ #layers)*;
            const NEEDS: ::nanotorch::model::Needs = <__Chain<#names T, __I> as #planned>::NEEDS;
            const FIRST_NEEDS: ::nanotorch::model::Needs = <__Chain<#names T, __I> as #planned>::FIRST_NEEDS;
            const FROZEN_NEEDS: ::nanotorch::model::Needs = <__Chain<#names T, __I> as #planned>::FROZEN_NEEDS;

            #[cfg_attr(debug_assertions, inline(never))]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn forward<__P: ::nanotorch::device::Pass>(
                &self,
                pass: &mut __P,
                x: &[T],
                y: &mut [T],
                memory: ::nanotorch::model::Memory<'_, T>,
            ) {
                #forward
            }

            #[cfg_attr(debug_assertions, inline(never))]
            #[cfg_attr(not(debug_assertions), inline(always))]
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
