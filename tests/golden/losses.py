"""Losses: value, and gradient with respect to the prediction, for each reduction."""

import torch
from torch.nn import functional

MEAN_AND_SUM = ("mean", "sum")


def loss(out, case, formula, call, function, x, target, reductions=MEAN_AND_SUM, **extra):
    """One case: function(x, target, reduction=..) for each reduction, and its gradient at x."""
    out.case(case, formula, call)
    out.store(f"{case}.x", x)
    out.store(f"{case}.target", target)
    for name, tensor in extra.items():
        out.store(f"{case}.{name}", tensor)
    for reduction in reductions:
        leaf = x.clone().requires_grad_()
        value = function(leaf, target, reduction=reduction, **extra)
        value.backward()
        out.store(f"{case}.{reduction}.value", value)
        out.store(f"{case}.{reduction}.dx", leaf.grad)


def reduced(values, reduction):
    """Mean or sum over all elements."""
    return values.mean() if reduction == "mean" else values.sum()


def regression(out):
    """Losses of the difference d = x - target; the first differences are 0, ±0.5, ±1, small and large."""
    differences = out.numbers([0.0, 0.5, -0.5, 1.0, -1.0, 0.25, -0.25, 30.0, -100.0])
    for case, formula, call, function in [
        ("mse", "d²", "F.mse_loss", functional.mse_loss),
        ("l1", "abs(d), gradient 0 at 0", "F.l1_loss", functional.l1_loss),
        ("huber", "d²/2 if abs(d) <= 1, else abs(d) - 1/2", "F.huber_loss(delta=1)", functional.huber_loss),
        ("huber_0_5", "d²/2 if abs(d) <= δ, else δ (abs(d) - δ/2), δ = 0.5", "F.huber_loss(delta=0.5)",
         lambda x, t, reduction: functional.huber_loss(x, t, reduction=reduction, delta=0.5)),
        ("smooth_l1_0_5", "d²/(2β) if abs(d) < β, else abs(d) - β/2, β = 0.5", "F.smooth_l1_loss(beta=0.5)",
         lambda x, t, reduction: functional.smooth_l1_loss(x, t, reduction=reduction, beta=0.5)),
    ]:
        # Multiples of 1/64 keep the listed differences exact in f32.
        target = torch.round(out.uniform(f"{case}.target", (3, 5)) * 64) / 64
        x = out.uniform(f"{case}.x", (3, 5))
        x.view(-1)[: len(differences)] = target.view(-1)[: len(differences)] + differences
        loss(out, case, formula, call, function, x, target)


def cross_entropy(out):
    """Cross-entropy of logits against class indices and against probabilities."""
    weight = out.numbers([0.5, 1.0, 2.0, 0.25, 1.5, 3.0, 0.75])
    indices = torch.tensor([1, 6, 0, 3, 1])
    extreme = [0.0, 100.0, -100.0, 30.0, -30.0, 1e-8, 1.0]
    p = "p = softmax(x)"

    def smooth(x, target, reduction, weight=None):
        return functional.cross_entropy(x, target, weight=weight, reduction=reduction, label_smoothing=0.1)

    plain = functional.cross_entropy
    by_index = [
        ("cross_entropy", f"-ln p[t], {p}", "F.cross_entropy(x, t)", plain, {}),
        ("cross_entropy_smoothing", "-Σc qc ln pc, qc = 0.9 [c = t] + 0.1/7", "F.cross_entropy(x, t, label_smoothing=0.1)",
         smooth, {}),
        ("cross_entropy_weight", "-w[t] ln p[t]; mean divides by Σ w[t]", "F.cross_entropy(x, t, weight=w)", plain,
         {"weight": weight}),
        ("cross_entropy_weight_smoothing", "-Σc w[c] qc ln pc, qc = 0.9 [c = t] + 0.1/7; mean divides by Σ w[t]",
         "F.cross_entropy(x, t, weight=w, label_smoothing=0.1)", smooth, {"weight": weight}),
    ]
    for case, formula, call, function, extra in by_index:
        x = out.uniform(f"{case}.x", (5, 7), -3, 3, first=extreme)
        loss(out, case, formula, call, function, x, indices, **extra)

    by_probability = [
        ("cross_entropy_probability", "-Σc t[c] ln pc; mean divides by the batch", "F.cross_entropy(x, t)", plain, {}),
        ("cross_entropy_probability_smoothing", "-Σc qc ln pc, qc = 0.9 t[c] + 0.1/7",
         "F.cross_entropy(x, t, label_smoothing=0.1)", smooth, {}),
        ("cross_entropy_probability_weight", "-Σc w[c] t[c] ln pc; mean divides by the batch",
         "F.cross_entropy(x, t, weight=w)", plain, {"weight": weight}),
    ]
    for case, formula, call, function, extra in by_probability:
        x = out.uniform(f"{case}.x", (5, 7), -3, 3, first=extreme)
        target = probabilities(out, f"{case}.target", (5, 7))
        loss(out, case, formula, call, function, x, target, **extra)


def probabilities(out, name, shape):
    """Rows of f32 numbers that sum to one within rounding; the first row is one-hot, so it holds exact zeros."""
    raw = out.uniform(name, shape, 0.0, 1.0)
    rows = raw / raw.sum(dim=-1, keepdim=True)
    rows[0] = 0.0
    rows[0, 2] = 1.0
    return rows.to(torch.float32).to(out.dtype)


def binary(out):
    """Two-class losses on a score x."""
    formula = "-(t ln σ(x) + (1 - t) ln(1 - σ(x)))"
    extreme = [0.0, 100.0, -100.0, 30.0, -30.0, 1e-8]
    for case, formula, call, extra in [
        ("bce_with_logits", formula, "F.binary_cross_entropy_with_logits(x, t)", {}),
        ("bce_with_logits_pos_weight", "-(w t ln σ(x) + (1 - t) ln(1 - σ(x)))",
         "F.binary_cross_entropy_with_logits(x, t, pos_weight=w)", {"pos_weight": out.numbers([0.5, 1.0, 2.0, 3.0, 0.25])}),
    ]:
        x = out.uniform(f"{case}.x", (3, 5), -4, 4, first=extreme)
        target = out.uniform(f"{case}.target", (3, 5), 0, 1, first=[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
        loss(out, case, formula, call, functional.binary_cross_entropy_with_logits, x, target, **extra)

    signs = out.numbers([1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0, -1.0, 1.0]).reshape(3, 5)
    x = out.uniform("hinge.x", (3, 5), first=[1.0, -1.0, 0.0, 30.0, 100.0])
    loss(out, "hinge", "max(0, 1 - t x), t in {-1, 1}; gradient 0 where t x = 1", "torch.relu(1 - t * x)",
         lambda x, t, reduction: reduced(torch.relu(1 - t * x), reduction), x, signs)


def multi_class_hinge(out):
    """Multi-class hinge with margin 1 and p = 1."""
    x = out.uniform("multi_class_hinge.x", (5, 7), -3, 3, first=[0.0, 1.0, 2.0, -30.0, 100.0, 0.5, -1.0])
    loss(out, "multi_class_hinge", "Σ(c ≠ t) max(0, 1 - x[t] + x[c]) / 7; gradient 0 at the corner",
         "nn.MultiMarginLoss(p=1, margin=1.0)", functional.multi_margin_loss, x, torch.tensor([1, 6, 0, 3, 1]))


def divergence(out):
    """KL divergence of probabilities from log-probabilities."""
    logits = out.uniform("kl_div.logits", (5, 7), -3, 3)
    x = torch.log_softmax(logits.double(), dim=-1).to(torch.float32).to(out.dtype)
    loss(out, "kl_div", "t (ln t - x), 0 where t = 0, x log-probabilities; mean divides by all elements, batchmean by the batch",
         "F.kl_div(x, t)", functional.kl_div, x, probabilities(out, "kl_div.target", (5, 7)), ("batchmean", "sum", "mean"))


def record(out):
    """All loss cases."""
    regression(out)
    cross_entropy(out)
    binary(out)
    multi_class_hinge(out)
    divergence(out)
