//! That a struct has its `impl Layer`: the question, the error where it hasn't, and a stand-in that keeps it the only one.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericParam, Generics, Ident};

use super::generics::Split;
use super::slot;
use crate::check::bounds_mention;
use crate::graph::written;
use crate::parse::Definition;

/// `Module::On` and `Module::on` of the struct `target`, and the question: it fails with `message`, under the struct's name.
pub(crate) fn on(
    name: &Ident,
    target: &TokenStream,
    example: Option<TokenStream>,
    message: &str,
) -> (TokenStream, TokenStream) {
    let span = Span::call_site().located_at(name.span());
    let shape = quote!(__I: ::nanotorch::shape::Shape);
    let Some(example) = example else {
        let on = quote_spanned! {span=>
            type On<#shape> = Self;
            #[inline(always)]
            fn on<#shape>(&self) -> &Self {
                self
            }
        };
        return (on, TokenStream::new());
    };
    let answer = slot::ask(&example, "IS_LAYER");
    let complete = quote! {
        ::nanotorch::model::slot::Slot<fn() -> #target> as ::nanotorch::model::slot::Complete<{ #answer }, #target, __I>
    };
    let on = quote_spanned! {span=>
        type On<#shape> = <#complete>::Layer;
        #[inline(always)]
        fn on<#shape>(&self) -> &Self::On<__I> {
            <#complete>::itself(self)
        }
    };
    let panic = quote_spanned!(name.span()=> ::core::panic!("{}", #message));
    (on, quote_spanned!(name.span()=> const _: () = if !{ #answer } { #panic };))
}

/// The body of `Module::begin` of a layer, and the question whether it says how it begins.
pub(crate) fn begin(
    name: &Ident,
    target: &TokenStream,
    example: Option<TokenStream>,
    message: &str,
) -> (TokenStream, TokenStream) {
    let span = Span::call_site().located_at(name.span());
    let Some(example) = example else {
        let begin = quote_spanned!(span=> ::nanotorch::model::Initialize::initialize(self, random););
        return (begin, TokenStream::new());
    };
    let answer = slot::ask(&example, "BEGINS");
    let begin = quote_spanned! {span=>
        <::nanotorch::model::slot::Slot<fn() -> #target>
            as ::nanotorch::model::slot::Begin<{ #answer }, #target>>::begin(self, random);
    };
    let panic = quote_spanned!(name.span()=> ::core::panic!("{}", #message));
    (begin, quote_spanned!(name.span()=> const _: () = if !{ #answer } { #panic };))
}

/// What a model offers under its own name, for one whose forward function is missing: an item of the model's own comes before
/// a trait's of the same name, so these are only found where there is none.
pub(crate) fn without_forward(definition: &Definition) -> TokenStream {
    let (model, trait_name) = (&definition.name, format_ident!("__{}WithoutForward", definition.name));
    let Split { bounded, names, clause, .. } = Split::of(&definition.generics);
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, reason = "it is looked at only where the forward function is missing")]
        trait #trait_name: ::nanotorch::model::Module {
            const FLOPS: usize = 0;
            const INPUT: &'static [usize] = &[];
            const OUTPUT: &'static [usize] = &[];
            const INFER_BYTES: usize = 0;
            const TRAIN_BYTES: usize = 0;
            ::nanotorch::__if_alloc! {
                fn new(seed: u64) -> ::nanotorch::__alloc::Box<Self> {
                    ::nanotorch::model::new(seed)
                }
            }
        }
        impl<#bounded> #trait_name for #model<#names f32> #clause {}
    }
}

/// The struct with an argument for each parameter, `f32` for the numbers: a type of which can be asked what it is.
pub(crate) fn example(name: &Ident, generics: &Generics, is_layer: bool) -> Option<TokenStream> {
    let last = generics.params.len().saturating_sub(1);
    let arguments = generics.params.iter().enumerate().map(|(index, parameter)| match parameter {
        GenericParam::Const(parameter) if slot::is_length(&parameter.ty) => Some(quote!(1)),
        GenericParam::Type(_) if is_layer && index == last => Some(quote!(f32)),
        GenericParam::Type(parameter) if bounds_mention(parameter, generics, "Module") => {
            Some(quote!(::nanotorch::model::slot::StandIn))
        }
        GenericParam::Type(parameter) => parameter.default.as_ref().map(|(_, kind)| kind.to_token_stream()),
        _ => None,
    });
    let mut arguments = arguments.collect::<Option<Vec<_>>>()?;
    if !is_layer {
        arguments.push(quote!(f32));
    }
    let span = name.span();
    Some(quote_spanned!(span=> #name<#(#arguments),*>))
}

/// Parameters as an `impl` declares them, in words: `const N: usize, A: Module`.
pub(crate) fn declared<'a>(parameters: impl IntoIterator<Item = &'a GenericParam>) -> String {
    let parameters = parameters.into_iter().map(|parameter| match parameter {
        GenericParam::Const(parameter) => format!("const {}: {}", parameter.ident, written(&parameter.ty)),
        GenericParam::Type(parameter) if parameter.bounds.is_empty() => parameter.ident.to_string(),
        GenericParam::Type(parameter) => format!("{}: {}", parameter.ident, written(&parameter.bounds)),
        GenericParam::Lifetime(parameter) => parameter.lifetime.to_string(),
    });
    parameters.collect::<Vec<_>>().join(", ")
}
