//! Statements: `let`, assignments, loops over arrays of layers, and the result at the end.

use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Ident, Pat, Stmt, Type};

use super::field::member_span;
use super::signature::is_edge;
use super::{Reader, Value, refused};
use crate::graph::{Call, Edge, Operation};
use crate::mistakes::counted;

impl Reader<'_> {
    pub(super) fn block(&mut self, block: &Block) -> syn::Result<Value> {
        self.scopes.push(std::collections::HashMap::new());
        let result = self.statements(block);
        self.scopes.pop();
        result
    }

    fn statements(&mut self, block: &Block) -> syn::Result<Value> {
        let mut result = None;
        for (index, statement) in block.stmts.iter().enumerate() {
            let last = index + 1 == block.stmts.len();
            match statement {
                Stmt::Local(local) => self.local(local)?,
                // A semicolon alone.
                Stmt::Expr(Expr::Verbatim(nothing), Some(_)) if nothing.is_empty() => {}
                Stmt::Expr(Expr::ForLoop(repeat), _) => self.repeat(repeat)?,
                Stmt::Expr(Expr::Assign(assign), _) => self.assign(&assign.left, &assign.right)?,
                Stmt::Expr(Expr::Binary(binary), _) if refused::plain_operator(&binary.op).is_some() => {
                    self.assign_with(binary)?;
                }
                Stmt::Expr(Expr::Return(returned), _) if last => {
                    let Some(value) = &returned.expr else {
                        return Err(syn::Error::new_spanned(returned, "return an edge: `return x`"));
                    };
                    result = Some(self.expression(value)?);
                }
                Stmt::Expr(expression, None) if last => result = Some(self.expression(expression)?),
                Stmt::Expr(expression, _) => return Err(self.thrown_away(expression, last)),
                Stmt::Macro(call) => return Err(refused::macro_call(&call.mac)),
                Stmt::Item(item) => return Err(refused::item(item)),
            }
        }
        result.ok_or_else(|| {
            let message = "this ends without a result; end it with an edge, without a semicolon";
            block.stmts.last().map_or_else(
                || syn::Error::new(block.brace_token.span.join(), message),
                |last| syn::Error::new_spanned(last, message),
            )
        })
    }

    /// A result that nobody has; where the expression itself can't be read, that is the mistake.
    fn thrown_away(&mut self, expression: &Expr, last: bool) -> syn::Error {
        if let Err(error) = self.expression(expression) {
            return error;
        }
        let message = if last {
            "the last line is the result of `forward`: leave out its semicolon"
        } else {
            "the result is thrown away; bind it with `let`, or leave the line out"
        };
        syn::Error::new_spanned(expression, message)
    }

    fn local(&mut self, local: &syn::Local) -> syn::Result<()> {
        let Some(init) = &local.init else {
            return Err(syn::Error::new_spanned(local, "a `let` needs a value at once: `let h = ..`"));
        };
        if let Some((otherwise, _)) = &init.diverge {
            return Err(syn::Error::new_spanned(
                otherwise,
                "a `let` of edges can't fail: write `let h = ..;`, without `else`",
            ));
        }
        self.binding = pattern_name(&local.pat);
        let value = self.expression(&init.expr)?;
        self.binding = None;
        self.bind(&local.pat, value)
    }

    fn bind(&mut self, pattern: &Pat, value: Value) -> syn::Result<()> {
        match (pattern, value) {
            (Pat::Ident(name), value) if name.by_ref.is_none() && name.subpat.is_none() => {
                self.name_step(&name.ident, &value);
                self.define(&name.ident, name.mutability.is_some(), value);
                Ok(())
            }
            (Pat::Paren(inner), value) => self.bind(&inner.pat, value),
            (Pat::Type(typed), value) => {
                is_type_of(&typed.ty, &value)?;
                self.bind(&typed.pat, value)
            }
            (Pat::Tuple(tuple), Value::Tuple(values)) if tuple.elems.len() == values.len() => {
                tuple.elems.iter().zip(values).try_for_each(|(pattern, value)| match (pattern, value) {
                    (Pat::Wild(_), Value::Edge(edge)) => {
                        self.dropped.push(edge);
                        Ok(())
                    }
                    (Pat::Wild(_), _) => Ok(()),
                    (pattern, value) => self.bind(pattern, value),
                })
            }
            (Pat::Tuple(tuple), Value::Tuple(values)) => Err(syn::Error::new_spanned(
                tuple,
                format!(
                    "this names {}, but there {} {}",
                    counted(tuple.elems.len(), "edge"),
                    if values.len() == 1 { "is" } else { "are" },
                    values.len()
                ),
            )),
            (Pat::Tuple(tuple), Value::Edge(edge)) => self.take_apart(tuple, edge),
            (Pat::Wild(wild), _) => Err(syn::Error::new_spanned(
                wild,
                "the result is thrown away; bind it to a name, or leave the line out",
            )),
            (other, _) => {
                Err(syn::Error::new_spanned(other, "bind an edge to a name, or several to `(a, b)`"))
            }
        }
    }

    /// A step whose result has no name yet, as one of several, is called by its first.
    fn name_step(&mut self, name: &Ident, value: &Value) {
        if let Value::Edge(Edge::Step(step)) = value
            && let step = &mut self.steps[*step]
            && step.binding.is_none()
        {
            let name = name.to_string();
            if let Call::Operation(_) = step.call {
                step.name.clone_from(&name);
            }
            step.binding = Some(name);
        }
    }

    /// The outputs of a model that has several.
    fn take_apart(&mut self, tuple: &syn::PatTuple, edge: Edge) -> syn::Result<()> {
        let (written, count) = (crate::graph::written(tuple), tuple.elems.len());
        let named = tuple.elems.iter().enumerate().filter(|(_, pattern)| !matches!(pattern, Pat::Wild(_)));
        for (order, (index, pattern)) in named.enumerate() {
            let operation = Operation::part(&written, index, count, order == 0);
            let part = self.operation(operation, vec![edge], tuple.span());
            self.bind(pattern, Value::Edge(part))?;
        }
        Ok(())
    }

    fn assign(&mut self, left: &Expr, right: &Expr) -> syn::Result<()> {
        let name = self.assigned(left)?;
        self.binding = Some(name.to_string());
        let value = self.expression(right)?;
        self.binding = None;
        self.assign_to(&name, value);
        Ok(())
    }

    /// `h += x`, which is `h = h + x`.
    fn assign_with(&mut self, binary: &syn::ExprBinary) -> syn::Result<()> {
        let name = self.assigned(&binary.left)?;
        let op: BinOp = refused::plain_operator(&binary.op).unwrap_or(binary.op);
        let (left, right) = (binary.left.clone(), binary.right.clone());
        let sum = Expr::Binary(syn::ExprBinary { attrs: Vec::new(), left, op, right });
        self.binding = Some(name.to_string());
        let value = self.expression(&sum)?;
        self.binding = None;
        self.assign_to(&name, value);
        Ok(())
    }

    /// The name that is given another value.
    fn assigned(&self, left: &Expr) -> syn::Result<Ident> {
        let Some(name) = path_name(left) else {
            let of_model = matches!(left, Expr::Field(_));
            return Err(syn::Error::new_spanned(
                left,
                if of_model {
                    "a forward pass changes nothing in the model; bind the edge to a name: `let h = ..`"
                } else {
                    "assign to a name that was bound with `let mut`"
                },
            ));
        };
        match self.lookup(&name.to_string()) {
            Some(bound) if bound.mutable => Ok(name),
            Some(_) => Err(syn::Error::new_spanned(
                left,
                format!(
                    "`{name}` is bound without `mut`: write `let mut {name} = ..` there, or `let {name} = ..` here"
                ),
            )),
            None => {
                Err(syn::Error::new_spanned(left, format!("`{name}` was not bound; write `let {name} = ..`")))
            }
        }
    }

    /// `for block in &self.blocks { x = block.forward(x); }`: the array as one layer.
    fn repeat(&mut self, repeat: &syn::ExprForLoop) -> syn::Result<()> {
        let field = match &*repeat.expr {
            Expr::MethodCall(call) if call.method != "iter" => {
                return Err(syn::Error::new_spanned(
                    &call.method,
                    "the layers of an array run in their order: `for block in &self.blocks { x = block.forward(x); }`",
                ));
            }
            Expr::Field(_) | Expr::Reference(_) | Expr::Paren(_) | Expr::MethodCall(_) => {
                self.field(&repeat.expr)?
            }
            other => return Err(syn::Error::new_spanned(other, refused::LOOPS)),
        };
        let kind = &self.definition.fields[field].kind;
        let name = &self.definition.fields[field].name;
        if !matches!(kind, Type::Array(_)) {
            return Err(syn::Error::new_spanned(
                &repeat.expr,
                format!(
                    "`{name}` is one layer, not an array of layers: call it, as `self.{name}.forward(x)`, or write `{name}: [{}; 3]`",
                    crate::graph::written(kind)
                ),
            ));
        }
        let form = |item: &str| {
            format!(
                "a loop passes one edge through an array of layers: `for {item} in &self.{name} {{ x = {item}.forward(x); }}`; put more than that into the `forward` of a block"
            )
        };
        let Pat::Ident(item) = &*repeat.pat else {
            return Err(syn::Error::new_spanned(&repeat.pat, form("block")));
        };
        let form = form(&item.ident.to_string());
        let [Stmt::Expr(Expr::Assign(assign), _)] = &repeat.body.stmts[..] else {
            let wrong = repeat
                .body
                .stmts
                .iter()
                .find(|statement| !matches!(statement, Stmt::Expr(Expr::Assign(_), _)));
            return Err(match wrong.or(repeat.body.stmts.get(1)) {
                Some(wrong) => syn::Error::new_spanned(wrong, form),
                None => syn::Error::new(repeat.body.brace_token.span.join(), form),
            });
        };
        let (name, Expr::MethodCall(call)) = (self.assigned(&assign.left)?, &*assign.right) else {
            return Err(syn::Error::new_spanned(&assign.right, form));
        };
        let passes_itself = call.args.len() == 1 && path_name(&call.args[0]).as_ref() == Some(&name);
        if path_name(&call.receiver).as_ref() != Some(&item.ident)
            || call.method != "forward"
            || !passes_itself
        {
            return Err(syn::Error::new_spanned(&assign.right, form));
        }
        let edge = self.edge(&call.args[0])?;
        let result = self.step(Call::Field(field), vec![edge], member_span(&repeat.expr));
        self.assign_to(&name, Value::Edge(result));
        Ok(())
    }
}

/// A type that is written beside a name is that of what it is bound to.
fn is_type_of(kind: &Type, value: &Value) -> syn::Result<()> {
    match (kind, value) {
        (Type::Infer(_), _) | (_, Value::Scalar(_) | Value::Layers(_)) => Ok(()),
        (Type::Tuple(kinds), Value::Tuple(values)) if kinds.elems.len() == values.len() => {
            kinds.elems.iter().zip(values).try_for_each(|(kind, value)| is_type_of(kind, value))
        }
        (Type::Tuple(kinds), _) => kinds.elems.iter().try_for_each(is_edge),
        (kind, _) if is_edge(kind).is_ok() => Ok(()),
        (kind, _) => Err(syn::Error::new_spanned(
            kind,
            "the type of an edge is `Edge`, and its shape is derived: leave the type out",
        )),
    }
}

fn pattern_name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => pattern_name(&typed.pat),
        _ => None,
    }
}

/// The name that an expression is, if it is one.
pub(super) fn path_name(expression: &Expr) -> Option<Ident> {
    match expression {
        Expr::Path(path) => path.path.get_ident().cloned(),
        Expr::Paren(inner) => path_name(&inner.expr),
        Expr::Reference(inner) => path_name(&inner.expr),
        _ => None,
    }
}
