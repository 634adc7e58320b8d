//! Names that edges have in other libraries, or that values have in Rust: what to write instead.

/// What is said of a method that edges have under another name or in another form; nothing if it isn't known.
pub(super) fn instead(name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(names, _)| names.contains(&name)).map(|(_, instead)| *instead)
}

const ELSEWHERE: &[(&[&str], &str)] = &[
    (
        &["view", "view_as", "resize", "squeeze", "unsqueeze", "expand_dims", "unflatten"],
        "write the whole shape: `x.reshape([4, 16])`",
    ),
    (
        &["expand", "expand_as", "repeat", "broadcast", "broadcast_to", "tile"],
        "operators repeat an axis of length 1 by themselves: `a * b`",
    ),
    (&["cat", "hstack", "vstack", "append", "extend", "push"], "write `a.concat(b, axis)`"),
    (&["chunk", "unbind", "split_at"], "write `let (a, b) = x.split(2, axis);`"),
    (&["narrow", "select", "index_select", "gather", "get", "take"], "write `x.slice(axis, 0..4)`"),
    (&["mm", "bmm", "mv", "dot", "addmm", "einsum", "inner"], "write `a.matmul(b)`"),
    (
        &["swapaxes", "swapdims", "movedim", "moveaxis", "mT"],
        "write `x.transpose(0, 1)`, or `x.permute([1, 0, 2])`",
    ),
    (&["T", "mt", "transposed"], "write `x.t()`"),
    (&["pow"], "write `x.powi(2)` or `x.powf(0.5)`"),
    (&["log"], "the natural logarithm is `x.ln()`"),
    (&["reciprocal", "inv"], "write `x.recip()`"),
    (&["sqr", "squared"], "write `x.square()`"),
    (
        &["add", "sub", "mul", "div", "multiply", "subtract", "divide", "neg", "negative"],
        "write the operator: `a + b`, `a - b`, `a * b`, `a / b`, `-a`",
    ),
    (&["amax", "maximum"], "write `x.max(axis)`, or `x.max()` for all axes"),
    (&["min", "amin", "minimum"], "write `-(-x).max(axis)`"),
    (&["var", "std", "variance"], "write it out: `let c = x - mean; c.square().mean(axis)`"),
    (&["norm"], "write it out: `x.square().sum(axis).sqrt()`"),
    (&["clamp", "clip", "clamp_min"], "write it with `relu`: `(x - low).relu() + low`"),
    (
        &[
            "argmax",
            "argmin",
            "topk",
            "sort",
            "argsort",
            "round",
            "floor",
            "ceil",
            "sign",
            "eq",
            "gt",
            "lt",
            "masked_fill",
        ],
        "it has no gradient; do it with what the model returns",
    ),
    (
        &["dropout", "linear", "conv2d", "batch_norm", "layer_norm", "embedding"],
        "it is a layer: give the model a field for it, and call `self.field.forward(x)`",
    ),
    (
        &["backward", "grad", "requires_grad", "requires_grad_", "zero_grad"],
        "the backward pass is derived: leave it out; `x.detach()` stops the gradient",
    ),
    (
        &["shape", "size", "dim", "dims", "ndim", "rank", "len", "numel"],
        "shapes are known when the model is written: write the number, or a parameter of the struct",
    ),
    (
        &["clone", "copy", "to_owned", "contiguous", "as_ref", "borrow", "into"],
        "an edge can be used as often as you like: leave it out",
    ),
    (&["unwrap", "expect", "ok", "map"], "nothing can fail in a forward function: leave it out"),
    (
        &["to", "cuda", "cpu", "float", "double", "half", "f32", "f64"],
        "device and type of numbers are the whole model's: leave it out",
    ),
    (
        &["item", "to_vec", "numpy", "data", "iter", "values", "print"],
        "an edge has no numbers yet when the function is read: look at what the model returns",
    ),
];
