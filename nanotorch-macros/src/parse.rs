//! What was written: the struct. Says what is no struct of named fields.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Fields, GenericParam, Generics, Ident, Item, ItemImpl, Type, Visibility};

/// A struct with named fields.
pub(crate) struct Definition {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<Field>,
}

/// A named field.
pub(crate) struct Field {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) kind: Type,
    /// Where it is marked `#[frozen]`, as often as it is.
    pub(crate) marks: Vec<Attribute>,
    /// Whether it is marked `#[frozen]`.
    pub(crate) frozen: bool,
    /// Whether its type mentions a generic parameter of the struct.
    pub(crate) generic: bool,
}

/// Parses a struct with named fields, for the attribute `#[macro_name]`.
pub(crate) fn structure(item: TokenStream, macro_name: &str) -> syn::Result<Definition> {
    let item = match syn::parse2::<Item>(item)? {
        Item::Struct(item) => item,
        other => return Err(not_a_struct(&other, macro_name)),
    };
    let fields = match item.fields {
        Fields::Named(fields) => fields.named,
        Fields::Unnamed(fields) => {
            return Err(syn::Error::new(
                fields.span(),
                "fields need names, which messages, checkpoints and gradients use: write `struct Name { first: .., second: .. }`",
            ));
        }
        Fields::Unit => Punctuated::new(),
    };
    let parameters: Vec<_> = item.generics.params.iter().filter_map(parameter_name).cloned().collect();
    let fields = fields
        .into_iter()
        .map(|field| {
            let (marks, attributes) = field
                .attrs
                .into_iter()
                .partition::<Vec<_>, _>(|attribute| attribute.path().is_ident("frozen"));
            Ok(Field {
                attributes,
                visibility: field.vis,
                name: field
                    .ident
                    .ok_or_else(|| syn::Error::new(field.ty.span(), "this field needs a name"))?,
                generic: mentions(field.ty.to_token_stream(), &parameters).is_some(),
                kind: field.ty,
                frozen: !marks.is_empty(),
                marks,
            })
        })
        .collect::<syn::Result<_>>()?;
    Ok(Definition {
        attributes: item.attrs,
        visibility: item.vis,
        name: item.ident,
        generics: item.generics,
        fields,
    })
}

/// The name of a type or constant parameter.
pub(crate) fn parameter_name(parameter: &GenericParam) -> Option<&Ident> {
    match parameter {
        GenericParam::Type(parameter) => Some(&parameter.ident),
        GenericParam::Const(parameter) => Some(&parameter.ident),
        GenericParam::Lifetime(_) => None,
    }
}

/// Where the tokens mention one of the names first.
pub(crate) fn mentions(tokens: TokenStream, names: &[Ident]) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(name) => names.contains(&name).then(|| name.span()),
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

fn not_a_struct(item: &Item, macro_name: &str) -> syn::Error {
    let (span, what) = match item {
        Item::Enum(item) => (item.enum_token.span(), "an enum"),
        Item::Union(item) => (item.union_token.span(), "a union"),
        Item::Fn(item) => (item.sig.fn_token.span(), "a function"),
        Item::Impl(item) => (item.impl_token.span(), "an impl block"),
        Item::Trait(item) => (item.trait_token.span(), "a trait"),
        Item::Type(item) => (item.type_token.span(), "a type alias"),
        Item::Mod(item) => (item.mod_token.span(), "a module"),
        other => (other.span(), "something else"),
    };
    syn::Error::new(
        span,
        format!(
            "`#[{macro_name}]` is for a struct with named fields, `struct Name {{ first: .. }}`; this is {what}"
        ),
    )
}

/// Whether a field's type is a parameter, used as an edge: `Param<..>`.
pub(crate) fn is_parameter(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Param"))
}

/// A name as text, without the `r#` of a raw identifier.
pub(crate) fn plain_name(name: &Ident) -> String {
    syn::ext::IdentExt::unraw(name).to_string()
}

/// Parses an `impl` block. One of a trait is a mistake, but says whose forward function is meant.
pub(crate) fn implementation(item: TokenStream) -> syn::Result<(ItemImpl, Option<syn::Error>)> {
    const FORM: &str = "`#[forward]` goes on an `impl` of the model: `#[forward] impl Net { fn forward(&self, x: Edge) -> Edge { .. } }`";
    match syn::parse2::<Item>(item)? {
        Item::Impl(mut block) => {
            let of_trait = block.trait_.take();
            let error = of_trait.map(|of_trait| {
                let message = format!("{FORM}; leave out `{} for`", crate::graph::written(&of_trait.0));
                syn::Error::new_spanned(&of_trait.0, message)
            });
            Ok((block, error))
        }
        Item::Struct(item) => Err(syn::Error::new(item.struct_token.span, FORM)),
        Item::Fn(item) => Err(syn::Error::new_spanned(&item.sig.ident, FORM)),
        other => Err(syn::Error::new_spanned(other, FORM)),
    }
}

/// The type that an `impl` is for, as it was written.
pub(crate) fn target_path(block: &ItemImpl) -> Option<&syn::Path> {
    match &*block.self_ty {
        Type::Path(path) => Some(&path.path),
        _ => None,
    }
}

/// `[arguments] {struct} impl`: what a model and its forward function hand over.
pub(crate) struct HandedOver {
    pub(crate) arguments: TokenStream,
    pub(crate) item: TokenStream,
    pub(crate) block: ItemImpl,
}

/// What was handed over.
pub(crate) fn handed_over(tokens: TokenStream) -> syn::Result<HandedOver> {
    let mut handed_over: HandedOver = syn::parse2(tokens)?;
    // The struct has come through a macro. A mistake in it is shown where it was written, once.
    let written = handed_over.block.impl_token.span;
    handed_over.item = placed(handed_over.item, written);
    handed_over.arguments = placed(handed_over.arguments, written);
    Ok(handed_over)
}

/// The same tokens at the same places, as if they had been written beside `beside`.
fn placed(tokens: TokenStream, beside: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                let mut inner = proc_macro2::Group::new(group.delimiter(), placed(group.stream(), beside));
                inner.set_span(group.span());
                token = TokenTree::Group(inner);
            }
            token.set_span(token.span().resolved_at(beside));
            token
        })
        .collect()
}

impl Parse for HandedOver {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (arguments, item);
        syn::bracketed!(arguments in input);
        syn::braced!(item in input);
        Ok(HandedOver { arguments: arguments.parse()?, item: item.parse()?, block: input.parse()? })
    }
}
