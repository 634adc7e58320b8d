//! The function itself: that there is one, and that it is `fn forward(&self, x: Edge) -> Edge`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Pat, PathArguments, ReceiverKind, ReturnType, Safety,
    Signature, Type,
};

use super::{Reader, Value};
use crate::graph::Edge;
use crate::mistakes::nearest;
use crate::parse::{Definition, parameter_name};

/// What a forward function looks like, for messages.
const FORM: &str = "`fn forward(&self, x: Edge) -> Edge`";

/// The most inputs that a model has.
const MAX_INPUTS: usize = 4;

/// The one function of the block.
pub(super) fn only_function<'a>(definition: &Definition, block: &'a ItemImpl) -> syn::Result<&'a ImplItemFn> {
    keeps_parameters(definition, block)?;
    let mut found = None;
    for item in &block.items {
        let ImplItem::Fn(function) = item else {
            return Err(syn::Error::new_spanned(
                item,
                format!("a `#[forward] impl` has one function, {FORM}; put this into an `impl` of its own"),
            ));
        };
        let name = &function.sig.ident;
        let written = name.to_string();
        if written == "forward" && found.is_some() {
            return Err(syn::Error::new(
                name.span(),
                "there is a `forward` already: a model has one; remove one of the two",
            ));
        }
        if written != "forward" {
            let message = match nearest(&written, ["forward"]) {
                Some(_) => {
                    format!("the function of a `#[forward] impl` is called `forward`, not `{written}`")
                }
                None => format!(
                    "a `#[forward] impl` has one function, {FORM}; put `{written}` into an `impl` of its own"
                ),
            };
            return Err(syn::Error::new(name.span(), message));
        }
        found = Some(function);
    }
    let found = found.ok_or_else(|| {
        syn::Error::new_spanned(&block.self_ty, format!("a `#[forward] impl` needs {FORM}"))
    })?;
    is_the_same_in_every_build(found)?;
    Ok(found)
}

/// What stands under `#[cfg]` would be read as if it were always there.
fn is_the_same_in_every_build(function: &ImplItemFn) -> syn::Result<()> {
    fn condition(tokens: TokenStream) -> Option<Ident> {
        let mut after_hash = false;
        for token in tokens {
            if let TokenTree::Group(group) = &token {
                let first = group.stream().into_iter().next();
                if let (true, Some(TokenTree::Ident(name))) = (after_hash, first)
                    && (name == "cfg" || name == "cfg_attr")
                {
                    return Some(name);
                }
                if let Some(found) = condition(group.stream()) {
                    return Some(found);
                }
            }
            after_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        }
        None
    }
    match condition(function.to_token_stream()) {
        Some(name) => Err(syn::Error::new(
            name.span(),
            format!(
                "a forward function is the same in every build: leave out `#[{name}(..)]`, or write two models"
            ),
        )),
        None => Ok(()),
    }
}

/// The block's parameters are the struct's, by the same names: the function is read as part of the struct.
fn keeps_parameters(definition: &Definition, block: &ItemImpl) -> syn::Result<()> {
    let names = |generics: &syn::Generics| {
        generics.params.iter().filter_map(parameter_name).map(ToString::to_string).collect::<Vec<_>>()
    };
    let (declared, written) = (names(&definition.generics), names(&block.generics));
    if written == declared {
        return Ok(());
    }
    let name = &definition.name;
    let message = if declared.is_empty() {
        format!("`{name}` has no parameters; write `impl {name}`")
    } else {
        let parameters = crate::expand::declared(&definition.generics.params);
        let names = declared.join(", ");
        format!(
            "the parameters are the struct's, by the same names: write `impl<{parameters}> {name}<{names}>`"
        )
    };
    if block.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(&block.self_ty, message));
    }
    Err(syn::Error::new_spanned(&block.generics.params, message))
}

impl Reader<'_> {
    pub(super) fn signature(&mut self, signature: &Signature) -> syn::Result<()> {
        is_plain(signature)?;
        let mut arguments = signature.inputs.iter();
        match arguments.next() {
            Some(FnArg::Receiver(receiver))
                if matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) => {}
            Some(FnArg::Receiver(receiver)) => {
                return Err(syn::Error::new_spanned(
                    receiver,
                    format!(
                        "`forward` reads the model and changes nothing in it: it takes `&self`, as {FORM}"
                    ),
                ));
            }
            other => {
                let message = format!("`forward` takes `&self` first: {FORM}");
                return Err(other.map_or_else(
                    || syn::Error::new(signature.ident.span(), &message),
                    |other| syn::Error::new_spanned(other, &message),
                ));
            }
        }
        for argument in arguments {
            if let FnArg::Typed(argument) = argument {
                self.input(argument)?;
            }
        }
        if self.inputs.is_empty() {
            return Err(syn::Error::new(signature.ident.span(), format!("`forward` needs an input: {FORM}")));
        }
        self.outputs = match &signature.output {
            ReturnType::Type(_, kind) => match &**kind {
                Type::Tuple(tuple) => {
                    tuple.elems.iter().try_for_each(is_edge)?;
                    tuple.elems.len()
                }
                other => {
                    is_edge(other)?;
                    1
                }
            },
            ReturnType::Default => {
                return Err(syn::Error::new(
                    signature.ident.span(),
                    "`forward` returns an edge, or a tuple of edges: write `-> Edge`",
                ));
            }
        };
        Ok(())
    }

    fn input(&mut self, argument: &syn::PatType) -> syn::Result<()> {
        let Pat::Ident(name) = &*argument.pat else {
            return Err(syn::Error::new_spanned(
                &argument.pat,
                "an input of `forward` is a name; write several as `a: Edge, b: Edge`",
            ));
        };
        is_edge(&argument.ty)?;
        if self.inputs.contains(&name.ident) {
            return Err(syn::Error::new(
                name.ident.span(),
                format!("there is an input `{}` already; give this one another name", name.ident),
            ));
        }
        if self.inputs.len() == MAX_INPUTS {
            return Err(syn::Error::new_spanned(
                argument,
                format!(
                    "`forward` takes at most {MAX_INPUTS} inputs; put several together before, or give the model parts"
                ),
            ));
        }
        let edge = Edge::Input(self.inputs.len());
        self.inputs.push(name.ident.clone());
        self.define(&name.ident, name.mutability.is_some(), Value::Edge(edge));
        Ok(())
    }
}

/// It is a plain function: what it is called with is edges, and nothing in it waits.
fn is_plain(signature: &Signature) -> syn::Result<()> {
    let extra = [
        signature.asyncness.as_ref().map(|token| (token.span(), "async")),
        signature.constness.as_ref().map(|token| (token.span(), "const")),
        matches!(signature.safety, Safety::Unsafe(_)).then(|| (signature.safety.span(), "unsafe")),
        signature.abi.as_ref().map(|abi| (abi.extern_token.span(), "extern")),
    ];
    if let Some((span, word)) = extra.into_iter().flatten().next() {
        return Err(syn::Error::new(span, format!("`forward` is a plain function: leave out `{word}`")));
    }
    if !signature.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(
            &signature.generics.params,
            "`forward` has no parameters of its own: an `Edge` has any shape; parameters are the struct's",
        ));
    }
    if let Some(clause) = &signature.generics.where_clause {
        return Err(syn::Error::new_spanned(clause, "`forward` has no `where`: bounds are the struct's"));
    }
    Ok(())
}

/// Inputs and outputs are edges, without their shapes.
pub(super) fn is_edge(kind: &Type) -> syn::Result<()> {
    match kind {
        Type::Path(path)
            if path.path.segments.last().is_some_and(|segment| {
                segment.ident == "Edge" && matches!(segment.arguments, PathArguments::None)
            }) =>
        {
            Ok(())
        }
        other => Err(syn::Error::new_spanned(
            other,
            "inputs and outputs of `forward` are written `Edge`; their shapes are derived",
        )),
    }
}
