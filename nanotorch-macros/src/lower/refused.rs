//! What Rust has and a forward function hasn't: for each kind of syntax one error, with what to write instead.

use syn::spanned::Spanned;
use syn::{BinOp, Error, Expr, Item, Lit, Macro, Token};

use super::statement::path_name;

/// What is said of everything that has no better answer.
const STRAIGHT: &str = "a forward function is straight-line code between edges: `let`, fields as `self.fc1.forward(x)`, operators, methods of edges, and loops over arrays of layers";

/// What is said of loops that aren't over an array of layers.
pub(super) const LOOPS: &str = "a forward function loops only over an array of layers: `for block in &self.blocks { x = block.forward(x); }`";

const BRANCH: &str = "a forward function can't branch on data; compute both sides and mix them, as `gate * a + (1.0 - gate) * b`";

const TUPLE: &str = "several edges stand together as a tuple, `(a, b)`; to put their numbers together, write `a.concat(b, 0)` or `a.stack(b, 0)`";

/// An expression that is no value of a forward function.
pub(super) fn expression(expression: &Expr) -> Error {
    match expression {
        Expr::If(inner) => Error::new(inner.if_token.span, BRANCH),
        Expr::Match(inner) => Error::new(inner.match_token.span, BRANCH),
        Expr::Let(inner) => Error::new(inner.let_token.span, BRANCH),
        Expr::While(inner) => Error::new(inner.while_token.span, LOOPS),
        Expr::Loop(inner) => Error::new(inner.loop_token.span, LOOPS),
        Expr::ForLoop(inner) => Error::new(
            inner.for_token.span,
            "a loop gives no value; it changes a name that was bound with `let mut`",
        ),
        Expr::Break(inner) => Error::new(
            inner.break_token.span,
            "a loop over layers runs through all of them: leave out `break`",
        ),
        Expr::Continue(inner) => Error::new(
            inner.continue_token.span,
            "a loop over layers runs through all of them: leave out `continue`",
        ),
        Expr::Return(inner) => Error::new(
            inner.return_token.span,
            "`return` stands in the last line, if at all: a forward function has one way through",
        ),
        Expr::Closure(inner) => Error::new_spanned(
            inner,
            "a forward function has no closures; write the operation out, or make it a `#[model]` of its own",
        ),
        Expr::Try(inner) => Error::new(
            inner.question_token.span(),
            "nothing can fail in a forward function: leave out the `?`",
        ),
        Expr::Await(inner) => {
            Error::new(inner.await_token.span, "nothing waits in a forward function: leave out `.await`")
        }
        Expr::Async(inner) => {
            Error::new(inner.async_token.span, "nothing waits in a forward function: leave out `async`")
        }
        Expr::Unsafe(inner) => {
            Error::new(inner.unsafe_token.span, "nothing is unsafe in a forward function: leave out `unsafe`")
        }
        Expr::Block(inner) => match &inner.label {
            Some(label) => {
                Error::new_spanned(label, "a block in a forward function has no label: leave it out")
            }
            None => Error::new_spanned(inner, STRAIGHT),
        },
        Expr::Macro(inner) => macro_call(&inner.mac),
        Expr::Cast(inner) => Error::new(
            inner.as_token.span,
            "an edge has the model's type of numbers already: leave out the `as`",
        ),
        Expr::Array(_) | Expr::Repeat(_) | Expr::Struct(_) => Error::new_spanned(expression, TUPLE),
        Expr::Range(_) => Error::new_spanned(expression, "a range stands in `x.slice(axis, 0..4)` only"),
        Expr::Unary(inner) => {
            Error::new(inner.op.span(), "edges are numbers: they have unary minus, but neither `!` nor `*`")
        }
        Expr::Lit(inner) => literal(&inner.lit),
        Expr::Call(call) => function_call(call),
        other => Error::new_spanned(other, STRAIGHT),
    }
}

/// An operator that edges have not.
pub(super) fn operator(operator: &BinOp) -> Error {
    let message = match operator {
        BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) => {
            "edges aren't compared, for a comparison has no gradient; let `x.relu()` cut or `x.sigmoid()` weigh instead"
        }
        BinOp::And(_) | BinOp::Or(_) => "edges are numbers, not truth values; multiply gates, as `a * b`",
        _ if plain_operator(operator).is_some() => "an assignment is a line of its own: `h += x;`",
        _ => {
            "edges have the operators `+ - * /` and unary minus; for powers write `x.powi(2)` or `x.powf(0.5)`"
        }
    };
    Error::new(operator.span(), message)
}

/// `+` for `+=`, and so on.
pub(super) fn plain_operator(operator: &BinOp) -> Option<BinOp> {
    match operator {
        BinOp::AddAssign(token) => Some(BinOp::Add(Token![+](token.spans[0]))),
        BinOp::SubAssign(token) => Some(BinOp::Sub(Token![-](token.spans[0]))),
        BinOp::MulAssign(token) => Some(BinOp::Mul(Token![*](token.spans[0]))),
        BinOp::DivAssign(token) => Some(BinOp::Div(Token![/](token.spans[0]))),
        _ => None,
    }
}

/// A macro, whatever it does.
pub(super) fn macro_call(call: &Macro) -> Error {
    let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    Error::new_spanned(
        &call.path,
        format!(
            "a forward function is read and differentiated, so it can't call `{name}!`: leave it out, and look at what the model returns"
        ),
    )
}

/// A literal that is no number.
fn literal(literal: &Lit) -> Error {
    let what = match literal {
        Lit::Str(_) | Lit::ByteStr(_) | Lit::CStr(_) => "a text",
        Lit::Char(_) | Lit::Byte(_) => "a character",
        Lit::Bool(_) => "a truth value",
        _ => "no number",
    };
    Error::new(literal.span(), format!("an edge or a number is wanted here, but this is {what}"))
}

fn function_call(call: &syn::ExprCall) -> Error {
    if let Expr::Path(path) = &*call.func
        && let [.., of, method] = &path.path.segments.iter().collect::<Vec<_>>()[..]
        && of.ident == "Edge"
    {
        return Error::new_spanned(path, format!("call it as a method: `x.{}()`", method.ident));
    }
    let name = path_name(&call.func).map_or_else(|| "a function".into(), |name| format!("`{name}`"));
    Error::new_spanned(
        &call.func,
        format!(
            "a forward function calls fields, as `self.fc1.forward(x)`, and methods of edges, as `x.relu()`; write {name} out, or make it a `#[model]` of its own"
        ),
    )
}

/// An item within the function.
pub(super) fn item(item: &Item) -> Error {
    match item {
        Item::Const(item) => Error::new(
            item.const_token.span,
            format!("put `{}` above the `impl`: only `let` binds names in a forward function", item.ident),
        ),
        Item::Fn(item) => Error::new_spanned(
            &item.sig.ident,
            format!(
                "a forward function has no functions in it; write `{}` out, or make it a `#[model]` of its own",
                item.sig.ident
            ),
        ),
        Item::Macro(item) => macro_call(&item.mac),
        other => {
            Error::new_spanned(other, "put this above the `impl`: a forward function has no items in it")
        }
    }
}
