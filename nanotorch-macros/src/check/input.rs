//! The rules for arguments and for what a forward function is called with.

use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, FnArg, ItemImpl, Lit, Signature, Token, UnOp};

use crate::arguments::ModelArguments;
use crate::mistakes::{Mistakes, counted};
use crate::parse::{Definition, target_path};

/// The most axes that a shape has.
const MAX_RANK: usize = 6;

/// The rules for a model's arguments.
pub(crate) fn arguments(arguments: &ModelArguments) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    has_an_input_of_few_axes(arguments, &mut mistakes);
    runs_in_order_on_one_input(arguments, &mut mistakes);
    for length in arguments.inputs.iter().flatten() {
        is_a_length(length, "an axis", &mut mistakes);
    }
    if let Some(batch) = &arguments.batch {
        is_a_length(batch, "a batch", &mut mistakes);
    }
    mistakes.result()
}

/// An input has as many axes as shapes have.
fn has_an_input_of_few_axes(arguments: &ModelArguments, mistakes: &mut Mistakes) {
    for input in &arguments.inputs {
        if let Some(surplus) = input.get(MAX_RANK) {
            mistakes.add(
                surplus.span(),
                format!("an input has at most {MAX_RANK} axes; this one has {}", input.len()),
            );
        }
    }
}

/// Where fields run one after the other, there is one input: what should become of a second can only be said by a function.
fn runs_in_order_on_one_input(arguments: &ModelArguments, mistakes: &mut Mistakes) {
    if let [_, second, ..] = arguments.inputs.as_slice()
        && !arguments.forward
    {
        mistakes.add(
            second.first().map_or_else(proc_macro2::Span::call_site, Spanned::span),
            "fields that run in their order have one input; for several write `forward` here, and a `#[forward] impl`",
        );
    }
}

/// A length is a whole number from 1 on, where that can be seen; a name or a sum is the compiler's to judge.
fn is_a_length(length: &Expr, of: &str, mistakes: &mut Mistakes) {
    let wrong = match length {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => match number.base10_parse::<usize>() {
                Ok(0) => "0",
                Ok(_) if matches!(number.suffix(), "" | "usize") => return,
                _ => "not a `usize`",
            },
            Lit::Float(_) => "a number with a point",
            Lit::Str(_) | Lit::Char(_) => "a text",
            _ => "something else",
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => "negative",
        Expr::Infer(_) => "`_`",
        Expr::Array(_) | Expr::Repeat(_) => "a list",
        Expr::Tuple(_) => "a tuple",
        _ => return,
    };
    let hint = if of == "an axis" { "; leave the batch out, it is not part of a sample" } else { "" };
    let hint = if matches!(wrong, "`_`" | "negative") { hint } else { "" };
    mistakes
        .add(length.span(), format!("the length of {of} is a whole number from 1 on; this is {wrong}{hint}"));
}

/// The rules for a forward function beside its model's.
pub(crate) fn forward(
    definition: &Definition,
    arguments: &ModelArguments,
    block: &ItemImpl,
) -> syn::Result<()> {
    let mut mistakes = Mistakes::default();
    stands_beside_its_model(block, &mut mistakes);
    let function = block.items.iter().find_map(|item| match item {
        syn::ImplItem::Fn(function) => Some(&function.sig),
        _ => None,
    });
    if let Some(signature) = function {
        is_announced(definition, arguments, signature, &mut mistakes);
        declares_each_input(arguments, signature, &mut mistakes);
    }
    mistakes.result()
}

/// A forward function stands beside its model: its expansion means by names what they mean there.
fn stands_beside_its_model(block: &ItemImpl, mistakes: &mut Mistakes) {
    if let Some(path) = target_path(block).filter(|path| path.segments.len() > 1) {
        mistakes.add_spanned(
            path,
            "a forward function stands in the module of its model: move this there, above or below the struct",
        );
    }
}

/// A model with a forward function says so.
fn is_announced(
    definition: &Definition,
    arguments: &ModelArguments,
    signature: &Signature,
    mistakes: &mut Mistakes,
) {
    if !arguments.forward {
        let input = if arguments.inputs.is_empty() { "" } else { "input = .., " };
        mistakes.add(
            signature.ident.span(),
            format!(
                "the fields of `{}` run in their order: write `#[model({input}forward)]` there, so that this function counts",
                definition.name
            ),
        );
    }
}

/// A model that declares its inputs declares as many as its forward function takes.
fn declares_each_input(arguments: &ModelArguments, signature: &Signature, mistakes: &mut Mistakes) {
    let edges: Punctuated<_, Token![,]> =
        signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))).collect();
    let (named, declared) = (edges.len(), arguments.inputs.len());
    if named == 0 || declared == 0 || named == declared {
        return;
    }
    let lists = vec!["[..]"; named].join(", ");
    let input = if named == 1 { "input = [..]".into() } else { format!("input = ({lists})") };
    let message = format!(
        "`forward` takes {}, but `input` declares {declared}: write `{input}`, or change these",
        counted(named, "edge")
    );
    mistakes.add_spanned(edges, message);
}
