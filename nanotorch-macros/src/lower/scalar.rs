//! Numbers that the compiler knows: literals, constants, const parameters, and arithmetic with them.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lit};

use super::{Reader, Value};

impl Reader<'_> {
    /// Whether an expression is a number: it mentions no edge and not `self`.
    pub(super) fn is_scalar(&self, expression: &Expr) -> bool {
        match expression {
            Expr::Lit(literal) => matches!(literal.lit, Lit::Int(_) | Lit::Float(_) | Lit::Verbatim(_)),
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) if name == "self" => false,
                Some(name) => match self.lookup(&name.to_string()) {
                    Some(bound) => matches!(bound.value, Value::Scalar(_)),
                    // A constant or a const parameter, by the case of its name.
                    None => name.to_string().chars().all(|letter| !letter.is_lowercase()),
                },
                None => true,
            },
            Expr::Paren(inner) => self.is_scalar(&inner.expr),
            Expr::Group(inner) => self.is_scalar(&inner.expr),
            Expr::Cast(inner) => self.is_scalar(&inner.expr),
            Expr::Unary(inner) => self.is_scalar(&inner.expr),
            Expr::Binary(inner) => self.is_scalar(&inner.left) && self.is_scalar(&inner.right),
            Expr::MethodCall(call) => {
                self.is_scalar(&call.receiver) && call.args.iter().all(|value| self.is_scalar(value))
            }
            // `f64::sqrt(2.0)`; a plain name is more likely meant as a function of edges.
            Expr::Call(call) => {
                let of_type = matches!(&*call.func, Expr::Path(path) if path.path.segments.len() > 1);
                of_type && !call.args.is_empty() && call.args.iter().all(|value| self.is_scalar(value))
            }
            _ => false,
        }
    }

    /// A scalar with the names of scalars in it replaced by their values.
    pub(super) fn scalar(&self, expression: &Expr) -> TokenStream {
        match expression {
            Expr::Path(path) => match path.path.get_ident().and_then(|name| self.lookup(&name.to_string())) {
                Some(bound) => match &bound.value {
                    Value::Scalar(value) => {
                        let (is_float, value) = (is_float(value), self.scalar(value));
                        // A name's type is known to Rust; a literal in its place would have any.
                        if is_float { quote!((#value as f64)) } else { quote!((#value)) }
                    }
                    _ => quote!(#expression),
                },
                None => quote!(#expression),
            },
            Expr::Paren(inner) => {
                let inner = self.scalar(&inner.expr);
                quote!((#inner))
            }
            Expr::Unary(inner) => {
                let (operator, value) = (&inner.op, self.scalar(&inner.expr));
                quote!(#operator #value)
            }
            Expr::Binary(inner) => {
                let (left, operator, right) =
                    (self.scalar(&inner.left), &inner.op, self.scalar(&inner.right));
                quote!(#left #operator #right)
            }
            Expr::Cast(inner) => {
                let (value, kind) = (self.scalar(&inner.expr), &inner.ty);
                quote!(#value as #kind)
            }
            Expr::MethodCall(call) => {
                let (receiver, method, turbofish) =
                    (self.scalar(&call.receiver), &call.method, &call.turbofish);
                let arguments = call.args.iter().map(|value| self.scalar(value));
                quote!(#receiver.#method #turbofish(#(#arguments),*))
            }
            Expr::Call(call) => {
                let (function, arguments) = (&call.func, call.args.iter().map(|value| self.scalar(value)));
                quote!(#function(#(#arguments),*))
            }
            other => quote!(#other),
        }
    }

    /// A scalar as an `f64`; where it can't be one, the error is under it.
    pub(super) fn number(&self, expression: &Expr) -> TokenStream {
        let (value, span) = (self.scalar(expression), expression.span());
        // A literal or a constant, of whichever type: where it is one already, that is no mistake of the user's.
        quote_spanned! {span=>
            ({
                #[allow(clippy::unnecessary_cast, reason = "a number of any type is taken")]
                let number = (#value) as f64;
                number
            })
        }
    }
}

/// Whether it is a number with a point, whose type isn't written.
fn is_float(expression: &Expr) -> bool {
    matches!(expression, Expr::Lit(literal) if matches!(&literal.lit, Lit::Float(float) if float.suffix().is_empty()))
}
