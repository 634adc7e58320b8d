//! What methods are called with beside edges: axes, lengths, ranges. The compiler knows them all.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, ExprArray, ExprRange, Lit, RangeLimits, UnOp};

use super::Reader;

impl Reader<'_> {
    /// The number of an axis.
    pub(super) fn axis(&self, expression: &Expr) -> syn::Result<TokenStream> {
        if is_negative(expression) {
            return Err(Error::new_spanned(
                expression,
                "axes are counted from 0, the batch not included; write the axis's own number, not its place from the end",
            ));
        }
        self.whole(expression, "the number of an axis")
    }

    /// The lengths of the axes in brackets.
    pub(super) fn lengths(&self, list: &ExprArray) -> syn::Result<Vec<TokenStream>> {
        let length = |expression: &Expr| {
            if is_negative(expression) {
                return Err(Error::new_spanned(
                    expression,
                    "every length is known here: write it as a number, instead of `-1` for the rest",
                ));
            }
            self.whole(expression, "the length of an axis")
        };
        list.elems.iter().map(length).collect()
    }

    /// The start and the end of a range.
    pub(super) fn range(&self, range: &ExprRange) -> syn::Result<(TokenStream, TokenStream)> {
        let (Some(start), Some(end), RangeLimits::HalfOpen(_)) = (&range.start, &range.end, &range.limits)
        else {
            return Err(Error::new_spanned(
                range,
                "a slice has both ends, the second not included: write `x.slice(axis, 0..4)`",
            ));
        };
        let end_of = |expression: &Expr| {
            if is_negative(expression) {
                return Err(Error::new_spanned(
                    expression,
                    "a slice is counted from the start of its axis, from 0 on",
                ));
            }
            self.whole(expression, "the end of a range")
        };
        Ok((end_of(start)?, end_of(end)?))
    }

    /// A whole number from 0 on that the compiler knows.
    fn whole(&self, expression: &Expr, what: &str) -> syn::Result<TokenStream> {
        let literal = match expression {
            Expr::Lit(literal) => Some(&literal.lit),
            _ => None,
        };
        match literal {
            Some(Lit::Int(_)) => {}
            Some(other) => return Err(Error::new_spanned(other, format!("{what} is a whole number"))),
            None if self.is_scalar(expression) => {}
            None => {
                return Err(Error::new_spanned(
                    expression,
                    format!(
                        "{what} is known to the compiler: a number, a constant or a parameter of the struct"
                    ),
                ));
            }
        }
        let value = self.scalar(expression);
        Ok(quote!({ #value }))
    }
}

fn is_negative(expression: &Expr) -> bool {
    match expression {
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)),
        Expr::Paren(inner) => is_negative(&inner.expr),
        _ => false,
    }
}
