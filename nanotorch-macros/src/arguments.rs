//! What stands in the parentheses of `#[model(..)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Token, Type};

use crate::mistakes::{Mistakes, distance};

/// The arguments of `#[model(..)]`.
#[derive(Default)]
pub(crate) struct ModelArguments {
    /// The lengths of one sample of each input.
    pub(crate) inputs: Vec<Vec<Expr>>,
    /// Whether the forward pass is a function, in a `#[forward] impl`.
    pub(crate) forward: bool,
    /// The batch that `TRAIN_BYTES` and `INFER_BYTES` are told for.
    pub(crate) batch: Option<Expr>,
    /// The derived program, to be shown.
    pub(crate) explain: Option<Wish>,
    /// A test of the gradients.
    pub(crate) gradcheck: Option<Wish>,
}

/// Something to be done with the model.
pub(crate) struct Wish {
    pub(crate) span: Span,
    /// With which type and what inputs, where the struct doesn't say that.
    pub(crate) of: Option<Instance>,
}

/// A type, and the lengths of one sample of each of its inputs.
pub(crate) type Instance = (Type, Vec<Vec<Expr>>);

/// The most inputs that a model has.
const MAX_INPUTS: usize = 4;

/// One argument as it was written.
struct Argument {
    name: Ident,
    value: Option<Expr>,
    /// `(Block<4>, [4])`, behind `gradcheck` or `explain`.
    of: Option<Instance>,
}

/// How a wish is written.
fn form(wish: &str) -> String {
    format!(
        "`{wish}` is written alone where the input is declared, else with a type and one sample's lengths: `{wish}(Block<4>, [4])`"
    )
}

/// Parses `input = [1, 28, 28], batch = 64`.
pub(crate) fn model_arguments(arguments: TokenStream) -> syn::Result<ModelArguments> {
    let arguments =
        (|stream: ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(stream, argument))
            .parse2(arguments)?;
    let (mut parsed, mut mistakes) = (ModelArguments::default(), Mistakes::default());
    for Argument { name, value, of } in arguments {
        match name.to_string().as_str() {
            "input" if !parsed.inputs.is_empty() => {
                mistakes.add(name.span(), "`input` is given twice; keep one")
            }
            "input" => match value {
                Some(Expr::Tuple(several))
                    if several.elems.iter().any(|one| matches!(one, Expr::Array(_))) =>
                {
                    if several.elems.len() > MAX_INPUTS {
                        mistakes.add(several.span(), format!("a model has at most {MAX_INPUTS} inputs"));
                    }
                    let each = several.elems.into_iter().take(MAX_INPUTS);
                    parsed.inputs = each.map(|one| lengths(name.span(), Some(one), &mut mistakes)).collect();
                }
                one => parsed.inputs = vec![lengths(name.span(), one, &mut mistakes)],
            },
            "forward" if parsed.forward => mistakes.add(name.span(), "`forward` is given twice; keep one"),
            "forward" => match value {
                None => parsed.forward = true,
                Some(value) => mistakes
                    .add(value.span(), "`forward` has no value; the function is in a `#[forward] impl`"),
            },
            wish @ ("explain" | "gradcheck") => match (value, of) {
                (None, of) => {
                    let wished = if wish == "explain" { &mut parsed.explain } else { &mut parsed.gradcheck };
                    *wished = Some(Wish { span: name.span(), of });
                }
                (Some(value), _) => mistakes.add(value.span(), form(wish)),
            },
            "batch" if parsed.batch.is_some() => {
                mistakes.add(name.span(), "`batch` is given twice; keep one")
            }
            "batch" => match value {
                Some(batch) => parsed.batch = Some(batch),
                None => mistakes.add(name.span(), "how many samples has a batch? Write `batch = 64`"),
            },
            other => mistakes.add(name.span(), unknown(other)),
        }
    }
    mistakes.result()?;
    Ok(parsed)
}

/// The lengths of each input, as far as they can be read beside a mistake: nothing where they can't.
pub(crate) fn inputs_as_far_as_known(arguments: TokenStream) -> Vec<Vec<Expr>> {
    let parse = |stream: ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(stream, argument);
    let Ok(arguments) = parse.parse2(arguments) else { return Vec::new() };
    let meant = |argument: &Argument| distance(&argument.name.to_string(), "input") <= 2;
    let Some(value) = arguments.into_iter().find(meant).and_then(|argument| argument.value) else {
        return Vec::new();
    };
    let inputs = match value {
        Expr::Tuple(several) if several.elems.iter().all(|one| matches!(one, Expr::Array(_))) => {
            several.elems.into_iter().collect()
        }
        one => vec![one],
    };
    let mut nothing = Mistakes::default();
    let inputs: Vec<_> =
        inputs.into_iter().map(|input| lengths(Span::call_site(), Some(input), &mut nothing)).collect();
    let is_length = |length: &Expr| match length {
        Expr::Lit(literal) => matches!(literal.lit, syn::Lit::Int(_)),
        Expr::Path(_) | Expr::Binary(_) => true,
        _ => false,
    };
    let readable = inputs.len() <= MAX_INPUTS
        && inputs.iter().all(|input| input.len() <= 6 && input.iter().all(is_length));
    if readable { inputs } else { Vec::new() }
}

fn argument(stream: ParseStream<'_>) -> syn::Result<Argument> {
    let name =
        stream.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), unknown("this")))?;
    if stream.peek(Token![=]) && !stream.peek(Token![==]) {
        stream.parse::<Token![=]>()?;
        let value = stream.parse().map_err(|error: syn::Error| {
            let (span, name) = (if stream.is_empty() { name.span() } else { error.span() }, name.to_string());
            let what = if stream.is_empty() { "is missing" } else { "can't be read" };
            syn::Error::new(span, format!("the value of `{name}` {what}: write {}", example(&name)))
        })?;
        return Ok(Argument { name, value: Some(value), of: None });
    }
    if (name == "gradcheck" || name == "explain") && stream.peek(syn::token::Paren) {
        let of = instance(stream).map_err(|error| syn::Error::new(error.span(), form(&name.to_string())))?;
        return Ok(Argument { name, value: None, of: Some(of) });
    }
    // Of `input(1, 2)` or `input: [1]` the name says what was meant.
    while !stream.is_empty() && !stream.peek(Token![,]) {
        stream.parse::<TokenTree>()?;
    }
    Ok(Argument { name, value: None, of: None })
}

fn instance(stream: ParseStream<'_>) -> syn::Result<Instance> {
    let inner;
    syn::parenthesized!(inner in stream);
    let kind = inner.parse()?;
    inner.parse::<Token![,]>()?;
    let inputs = match inner.parse()? {
        Expr::Tuple(several) => several.elems.into_iter().collect(),
        one => vec![one],
    };
    let lengths = inputs.into_iter().map(|input| match input {
        Expr::Array(lengths) => Ok(lengths.elems.into_iter().collect()),
        other => Err(syn::Error::new_spanned(other, "a list is wanted here")),
    });
    let lengths = lengths.collect::<syn::Result<_>>()?;
    inner.parse::<Option<Token![,]>>()?;
    if !inner.is_empty() {
        return Err(inner.error("nothing more is wanted here"));
    }
    Ok((kind, lengths))
}

fn example(name: &str) -> &'static str {
    match name {
        "batch" => "`batch = 64`",
        "forward" => "`#[model(forward)]`",
        "explain" => "`#[model(input = [1, 28, 28], explain)]`",
        "gradcheck" => "`#[model(input = [1, 28, 28], gradcheck)]`",
        _ => "`input = [1, 28, 28]`",
    }
}

fn unknown(name: &str) -> String {
    let nearest = ["input", "batch", "forward", "explain", "gradcheck"]
        .into_iter()
        .find(|known| distance(known, name) <= 2);
    match (name, nearest) {
        (_, Some(nearest)) => {
            format!(
                "`{name}` is no argument of `#[model]`; did you mean `{nearest}`, as in {}?",
                example(nearest)
            )
        }
        ("this", None) => {
            "this is no argument of `#[model]`; write `input = [1, 28, 28]`, `batch = 64`, or both".into()
        }
        (_, None) => {
            format!(
                "`{name}` is no argument of `#[model]`; write `input = [1, 28, 28]`, `batch = 64`, or both"
            )
        }
    }
}

/// The list of lengths; one length alone, or lengths in other brackets, tell what should have been written.
fn lengths(name: Span, value: Option<Expr>, mistakes: &mut Mistakes) -> Vec<Expr> {
    let (span, elements) = match value {
        Some(Expr::Array(list)) => return list.elems.into_iter().collect(),
        Some(Expr::Tuple(list)) => (list.span(), list.elems.into_iter().collect()),
        Some(Expr::Paren(length)) => (length.span(), vec![*length.expr]),
        Some(Expr::Repeat(list)) => (list.span(), vec![]),
        Some(length) => (length.span(), vec![length]),
        None => (name, vec![]),
    };
    let written: Vec<_> = elements.iter().map(|element| element.to_token_stream().to_string()).collect();
    let fix = if written.is_empty() { "1, 28, 28".into() } else { written.join(", ") };
    mistakes.add(
        span,
        format!("`input` is a list of lengths, one for each axis of a sample: write `input = [{fix}]`"),
    );
    elements
}

/// `#[forward]` has no arguments.
pub(crate) fn no_forward_arguments(arguments: TokenStream) -> syn::Result<()> {
    match arguments.into_iter().next() {
        None => Ok(()),
        Some(token) => Err(syn::Error::new(
            token.span(),
            "`#[forward]` takes no arguments: inputs are declared by `#[model(input = ..)]`",
        )),
    }
}

/// Parses `#[layer]`, or `#[layer(gradcheck(Scale<4>, [4]))]`.
pub(crate) fn layer_arguments(arguments: TokenStream) -> syn::Result<Option<Wish>> {
    const ARGUMENTS: &str = "`#[layer]` takes no arguments but a test of the gradients, `gradcheck(Scale<4>, [4])`: what a layer does with its input is said by its `impl Layer`";
    let Some(first) = arguments.clone().into_iter().next() else { return Ok(None) };
    let parse = |stream: ParseStream<'_>| {
        let argument = argument(stream)?;
        stream.parse::<Option<Token![,]>>()?;
        if argument.name != "gradcheck" || !stream.is_empty() {
            return Err(syn::Error::new(first.span(), ARGUMENTS));
        }
        if argument.of.is_none() {
            return Err(syn::Error::new(
                first.span(),
                "a layer is tested on a type and one sample's lengths: `gradcheck(Scale<4>, [4])`",
            ));
        }
        Ok(Some(Wish { span: argument.name.span(), of: argument.of }))
    };
    parse.parse2(arguments.clone()).map_err(|error| match error.to_string().contains("gradcheck") {
        true => error,
        false => syn::Error::new(first.span(), ARGUMENTS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_near() {
        assert!(unknown("inputs").contains("did you mean `input`"));
        assert!(!unknown("output").contains("did you mean"), "{}", unknown("output"));
    }
}
