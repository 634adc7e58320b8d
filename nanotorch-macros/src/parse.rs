//! What was written: the struct and the attribute's arguments. Says what is no struct of named fields or no argument.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Fields, GenericParam, Generics, Ident, Item, Type, Visibility};

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
    /// Whether it is marked `#[frozen]`.
    pub(crate) frozen: bool,
    /// Whether its type mentions a generic parameter of the struct.
    pub(crate) generic: bool,
}

/// What stands in the parentheses of `#[model(..)]`.
#[derive(Default)]
pub(crate) struct ModelArguments {
    /// The lengths of one input sample.
    pub(crate) input: Option<Vec<Expr>>,
    /// The batch that `TRAIN_BYTES` and `INFER_BYTES` are told for.
    pub(crate) batch: Option<Expr>,
}

/// Parses a struct with named fields.
pub(crate) fn structure(item: TokenStream) -> syn::Result<Definition> {
    let item = match syn::parse2::<Item>(item)? {
        Item::Struct(item) => item,
        Item::Enum(item) => return Err(not_a_struct(&item.enum_token, "an enum")),
        Item::Union(item) => return Err(not_a_struct(&item.union_token, "a union")),
        Item::Fn(item) => return Err(not_a_struct(&item.sig.fn_token, "a function")),
        other => return Err(not_a_struct(&other, "something else")),
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
    let parameters: Vec<_> = item.generics.params.iter().filter_map(parameter_name).collect();
    let fields = fields
        .into_iter()
        .map(|field| {
            let (frozen, attributes) = field
                .attrs
                .into_iter()
                .partition::<Vec<_>, _>(|attribute| attribute.path().is_ident("frozen"));
            Ok(Field {
                attributes,
                visibility: field.vis,
                name: field
                    .ident
                    .clone()
                    .ok_or_else(|| syn::Error::new(field.ty.span(), "this field needs a name"))?,
                generic: mentions(field.ty.to_token_stream(), &parameters),
                kind: field.ty,
                frozen: !frozen.is_empty(),
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

fn parameter_name(parameter: &GenericParam) -> Option<Ident> {
    match parameter {
        GenericParam::Type(parameter) => Some(parameter.ident.clone()),
        GenericParam::Const(parameter) => Some(parameter.ident.clone()),
        GenericParam::Lifetime(_) => None,
    }
}

fn mentions(tokens: TokenStream, names: &[Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => names.contains(&name),
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn not_a_struct(tokens: &impl quote::ToTokens, what: &str) -> syn::Error {
    syn::Error::new_spanned(
        tokens,
        format!(
            "this is {what}; a model or layer is a struct with named fields: `struct Name {{ first: .. }}`"
        ),
    )
}

/// Parses `input = [1, 28, 28], batch = 64`.
pub(crate) fn model_arguments(arguments: TokenStream) -> syn::Result<ModelArguments> {
    let mut parsed = ModelArguments::default();
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("input") {
            let array: syn::ExprArray = meta.value()?.parse().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "`input` is a list of lengths, one an axis of one sample: `input = [1, 28, 28]`",
                )
            })?;
            if parsed.input.is_some() {
                return Err(meta.error("`input` is given twice; keep one"));
            }
            parsed.input = Some(array.elems.into_iter().collect());
            Ok(())
        } else if meta.path.is_ident("batch") {
            if parsed.batch.is_some() {
                return Err(meta.error("`batch` is given twice; keep one"));
            }
            parsed.batch = Some(meta.value()?.parse()?);
            Ok(())
        } else {
            let written = meta.path.get_ident().map_or_else(|| "this".into(), |name| format!("`{name}`"));
            Err(meta.error(format!(
                "{written} is no argument of `#[model]`; write `input = [1, 28, 28]`, `batch = 64`, or both"
            )))
        }
    });
    syn::parse::Parser::parse2(parser, arguments)?;
    Ok(parsed)
}

/// `#[layer]` has no arguments.
pub(crate) fn no_arguments(arguments: TokenStream) -> syn::Result<()> {
    match arguments.into_iter().next() {
        None => Ok(()),
        Some(token) => Err(syn::Error::new(token.span(), "`#[layer]` takes no arguments")),
    }
}
