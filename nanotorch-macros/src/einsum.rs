//! `einsum!("bij,bjk->bik", a, b)`: Einstein's sums, read when the program is compiled.
//!
//! Letters are checked here. That a letter has one length everywhere is a bound of the function that is written for the sum. Several operands are taken two at a time, from the left.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, LitStr, Token};

use crate::mistakes::Mistakes;

/// What stands in the macro's parentheses.
pub(crate) struct Einsum {
    text: LitStr,
    operands: Vec<Expr>,
}

impl Parse for Einsum {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let text = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "begin with the letters, as in `einsum!(\"ij,jk->ik\", a, b)`")
        })?;
        input.parse::<Option<Token![,]>>()?;
        let operands = Punctuated::<Expr, Token![,]>::parse_terminated(input)?;
        Ok(Einsum { text, operands: operands.into_iter().collect() })
    }
}

/// The letters of each operand and of the result.
struct Letters {
    operands: Vec<String>,
    result: String,
}

pub(crate) fn expand(tokens: TokenStream) -> syn::Result<TokenStream> {
    let Einsum { text, operands } = syn::parse2(tokens)?;
    let letters = letters(&text, operands.len())?;
    let mut names = letters.operands.clone().into_iter();
    let mut values = operands.into_iter();
    let (Some(mut left), Some(value)) = (names.next(), values.next()) else {
        return Err(syn::Error::new(text.span(), "give at least one operand behind the letters"));
    };
    let mut value = quote!(#value);
    let rest: Vec<String> = names.collect();
    if rest.is_empty() {
        return Ok(one(&left, &letters.result, &value));
    }
    for (index, (right, operand)) in rest.iter().zip(values).enumerate() {
        let later = &rest[index + 1..];
        let needed =
            |letter: &char| letters.result.contains(*letter) || later.iter().any(|it| it.contains(*letter));
        let result = if later.is_empty() {
            letters.result.clone()
        } else {
            let others = right.chars().filter(|letter| !left.contains(*letter));
            left.chars().chain(others).filter(needed).collect()
        };
        value = two([&left, right], &result, &value, &quote!(#operand));
        left = result;
    }
    Ok(value)
}

/// The errors, where an expression is expected.
pub(crate) fn fallback(error: syn::Error) -> TokenStream {
    let errors = error.into_compile_error();
    quote!({ #errors })
}

/// Takes the text apart, and checks what can be seen in it.
fn letters(text: &LitStr, given: usize) -> syn::Result<Letters> {
    let mut mistakes = Mistakes::default();
    let mut wrong = |message: String| mistakes.add(text.span(), message);
    let value = text.value().replace(' ', "");
    let Some((operands, result)) = value.split_once("->") else {
        return Err(syn::Error::new(
            text.span(),
            "say what the result is: `->` and its letters, or none for a sum",
        ));
    };
    let operands: Vec<String> = operands.split(',').map(String::from).collect();
    if operands.len() != given {
        wrong(format!("the letters are for {} operands, but there are {given}", operands.len()));
    }
    for name in operands.iter().map(String::as_str).chain([result]) {
        if let Some(other) = name.chars().find(|letter| !letter.is_ascii_alphabetic()) {
            wrong(format!("an axis is a letter, not `{other}`"));
        }
        if let Some(twice) = twice(name) {
            wrong(format!("`{twice}` is twice in `{name}`: an axis of its own has a letter of its own"));
        }
        if name.len() > 6 {
            wrong(format!("`{name}` has {} axes; six is the most", name.len()));
        }
    }
    for letter in result.chars().filter(|letter| !operands.iter().any(|name| name.contains(*letter))) {
        wrong(format!("`{letter}` is in the result, but in no operand"));
    }
    mistakes.result()?;
    Ok(Letters { operands, result: result.to_owned() })
}

fn twice(name: &str) -> Option<char> {
    name.char_indices().find(|(place, letter)| name[..*place].contains(*letter)).map(|(_, letter)| letter)
}

/// The bounds that say that a shape has an axis for each letter, of the length that the letter has in another shape.
fn axes(owner: &TokenStream, name: &str, before: Option<(&TokenStream, &str)>) -> TokenStream {
    let axes = name.char_indices().map(|(axis, letter)| {
        let known = before.and_then(|(other, letters)| Some((other, letters.find(letter)?)));
        match known {
            None => quote!(::nanotorch::tensor::HasAxis<#axis>),
            Some((other, place)) => quote! {
                ::nanotorch::tensor::HasAxis<
                    #axis,
                    Length = <#other as ::nanotorch::tensor::HasAxis<#place>>::Length
                >
            },
        }
    });
    quote!(#owner: #(#axes +)* ::nanotorch::shape::Shape)
}

/// The type of the result: the length of each letter where it first stands.
fn result_type(names: &[(&TokenStream, &str)], result: &str) -> TokenStream {
    let lengths = result.chars().filter_map(|letter| {
        names.iter().find_map(|(owner, name)| {
            let axis = name.find(letter)?;
            Some(quote!(<#owner as ::nanotorch::tensor::HasAxis<#axis>>::Length))
        })
    });
    quote!((#(#lengths,)*))
}

fn one(name: &str, result: &str, value: &TokenStream) -> TokenStream {
    let shape = quote!(A::Shape);
    let (bounds, output) = (axes(&shape, name, None), result_type(&[(&shape, name)], result));
    quote! {{
        fn einsum<A>(a: &A) -> ::nanotorch::tensor::face::Of<A, #output>
        where
            A: ::nanotorch::tensor::Numbers<Face: ::nanotorch::tensor::face::FloatFace> + ?Sized,
            #bounds,
        {
            const { ::nanotorch::tensor::sum::check_one::<A::Shape>(#name) };
            ::nanotorch::tensor::sum::of_one(a, #name, #result)
        }
        einsum(&#value)
    }}
}

fn two([first, second]: [&str; 2], result: &str, value: &TokenStream, operand: &TokenStream) -> TokenStream {
    let (a, b) = (quote!(A::Shape), quote!(B::Shape));
    let bounds = [axes(&a, first, None), axes(&b, second, Some((&a, first)))];
    let output = result_type(&[(&a, first), (&b, second)], result);
    quote! {{
        fn einsum<A, B>(a: &A, b: &B) -> ::nanotorch::tensor::face::Of<A, #output>
        where
            A: ::nanotorch::tensor::Numbers<Face: ::nanotorch::tensor::face::FloatFace> + ?Sized,
            B: ::nanotorch::tensor::Numbers<Face = A::Face> + ?Sized,
            #(#bounds,)*
        {
            const { ::nanotorch::tensor::sum::check_two::<A::Shape, B::Shape>(#first, #second) };
            ::nanotorch::tensor::sum::of_two(a, #first, b, #second, #result)
        }
        einsum(&#value, &#operand)
    }}
}
