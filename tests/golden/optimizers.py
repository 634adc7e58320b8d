"""Optimizers: ten steps from fixed parameters along fixed gradients; clipping; schedules of the learning rate.

All optimizers share `common.*`: the parameters of a Linear(7, 5) and ten gradients for each.
"""

import math

import torch
from torch import nn, optim
from torch.optim import lr_scheduler, swa_utils

STEPS = 10
SHAPES = {"weight": (5, 7), "bias": (5,)}
SCHEDULE_STEPS = 50


def common(out):
    """Stores the first parameters and the gradients; those of a step scale from 0.05 to 5, so that clipping acts on some only."""
    out.case("common", "first parameters; gradient of step k at index k", "")
    gradients = {}
    scale = torch.logspace(math.log10(0.05), math.log10(5.0), STEPS, dtype=torch.float64)
    for name, shape in SHAPES.items():
        out.store(f"common.param.{name}", out.uniform(f"common.param.{name}", shape, -0.5, 0.5))
        raw = out.uniform(f"common.grad.{name}", (STEPS, *shape), -1, 1).double()
        raw *= scale.reshape(STEPS, *[1] * len(shape))
        # A gradient that is always zero, and one that is tiny: the epsilon of Adam and RMSprop decides their steps.
        raw.reshape(STEPS, -1)[:, 0] = 0.0
        raw.reshape(STEPS, -1)[:, 1] = 1e-9
        gradients[name] = raw.to(torch.float32).to(out.dtype)
        out.store(f"common.grad.{name}", gradients[name])
    return gradients


def parameters(out):
    """Fresh leaves with the first parameters."""
    return {name: nn.Parameter(out.tensors[f"common.param.{name}"].clone()) for name in SHAPES}


def trajectory(out, case, formula, call, make, gradients, before_step=None):
    """One case: the parameters after each of the ten steps, stacked."""
    out.case(case, formula, call)
    leaves = parameters(out)
    optimizer = make(leaves)
    history = {name: [] for name in leaves}
    for step in range(STEPS):
        for name, leaf in leaves.items():
            leaf.grad = gradients[name][step].clone()
        if before_step:
            before_step(list(leaves.values()))
        optimizer.step()
        for name, leaf in leaves.items():
            history[name].append(leaf.detach().clone())
    for name, values in history.items():
        out.store(f"{case}.param.{name}", torch.stack(values))


def steps(out, gradients):
    """Each optimizer with its variants."""
    sgd, adam, rmsprop = optim.SGD, optim.Adam, optim.RMSprop
    momentum = "v = 0.9 v + g (v = g at first); p -= lr v"
    adam_formula = "m = 0.9 m + 0.1 g; v = 0.999 v + 0.001 g²; p -= lr m̂ / (√v̂ + 1e-8)"
    decay = "g += λ p, then as above"
    variants = [
        ("sgd", "p -= lr g", sgd, {"lr": 0.1}),
        ("sgd_momentum", momentum, sgd, {"lr": 0.1, "momentum": 0.9}),
        ("sgd_nesterov", "v = 0.9 v + g; p -= lr (g + 0.9 v)", sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
        ("sgd_weight_decay", f"{decay}: sgd", sgd, {"lr": 0.1, "weight_decay": 0.01}),
        ("sgd_momentum_weight_decay", f"{decay}: sgd_momentum", sgd, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
        ("adam", adam_formula, adam, {"lr": 0.01}),
        ("adam_betas", "as adam, with 0.8, 0.95 and epsilon 1e-6", adam, {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6}),
        ("adam_weight_decay", f"{decay}: adam", adam, {"lr": 0.01, "weight_decay": 0.01}),
        ("adamw", "p *= 1 - lr λ, then as adam; λ = 0.01", optim.AdamW, {"lr": 0.01}),
        ("adamw_weight_decay", "as adamw, λ = 0.1", optim.AdamW, {"lr": 0.01, "weight_decay": 0.1}),
        ("rmsprop", "v = 0.99 v + 0.01 g²; p -= lr g / (√v + 1e-8)", rmsprop, {"lr": 0.01, "alpha": 0.99}),
        ("rmsprop_momentum", "b = 0.9 b + g / (√v + 1e-8); p -= lr b", rmsprop,
         {"lr": 0.01, "alpha": 0.99, "momentum": 0.9}),
        ("rmsprop_weight_decay", f"{decay}: rmsprop", rmsprop, {"lr": 0.01, "alpha": 0.99, "weight_decay": 0.01}),
    ]
    for case, formula, optimizer, settings in variants:
        call = f"optim.{optimizer.__name__}({', '.join(f'{k}={v}' for k, v in settings.items())})"
        trajectory(out, case, formula, call, lambda leaves: optimizer(leaves.values(), **settings), gradients)

    trajectory(out, "adamw_no_bias_decay", "as adamw_weight_decay, but λ = 0 for the bias",
               "optim.AdamW, one group a parameter, lr=0.01, weight_decay=0.1 and 0",
               lambda leaves: optim.AdamW([{"params": [leaves["weight"]], "weight_decay": 0.1},
                                           {"params": [leaves["bias"]], "weight_decay": 0.0}], lr=0.01), gradients)


def clipping(out, gradients):
    """Gradients clipped by the norm of all of them together, or each by value; and SGD with either."""
    norm, value = 1.0, 0.5

    def by_norm(leaves):
        return nn.utils.clip_grad_norm_(leaves, norm)

    def by_value(leaves):
        nn.utils.clip_grad_value_(leaves, value)

    for case, formula, call, clip in [
        ("clip_norm", "n = √Σ g² over all parameters; g *= min(1, 1 / (n + 1e-6))", "clip_grad_norm_(parameters, 1.0)", by_norm),
        ("clip_value", "g = min(max(g, -0.5), 0.5)", "clip_grad_value_(parameters, 0.5)", by_value),
    ]:
        out.case(case, formula + "; gradient of step k at index k", call)
        clipped, norms = {name: [] for name in SHAPES}, []
        for step in range(STEPS):
            leaves = parameters(out)
            for name, leaf in leaves.items():
                leaf.grad = gradients[name][step].clone()
            norms.append(clip(list(leaves.values())))
            for name, leaf in leaves.items():
                clipped[name].append(leaf.grad)
        for name, values in clipped.items():
            out.store(f"{case}.grad.{name}", torch.stack(values))
        if case == "clip_norm":
            assert min(norms) < norm < max(norms), "clipping must act on some steps and not on others"
            out.store("clip_norm.norm", torch.stack(norms))
        trajectory(out, f"sgd_{case}", f"{case}, then sgd", f"{call}; optim.SGD(lr=0.1)",
                   lambda leaves: optim.SGD(leaves.values(), lr=0.1), gradients, clip)


def moving_average(out):
    """Exponential moving average of the weights along the steps of `sgd`."""
    out.case("moving_average", "a = p after the first step, then a = 0.9 a + 0.1 p, along sgd",
             "swa_utils.AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))")
    model = nn.Linear(7, 5, dtype=out.dtype)
    average = swa_utils.AveragedModel(model, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(0.9))
    history = {name: [] for name in SHAPES}
    for step in range(STEPS):
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(out.tensors[f"sgd.param.{name}"][step])
        average.update_parameters(model)
        for name, parameter in average.module.named_parameters():
            history[name].append(parameter.detach().clone())
    for name, values in history.items():
        out.store(f"moving_average.param.{name}", torch.stack(values))


def schedules(out):
    """Learning rates of the steps 0 to 49; they are f64 in Python, whatever the element type."""
    peak = 0.1

    def run(case, formula, call, make):
        out.case(case, formula, call)
        optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=peak, momentum=0.9)
        schedule = make(optimizer)
        rates, momenta = [], []
        for _ in range(SCHEDULE_STEPS):
            rates.append(optimizer.param_groups[0]["lr"])
            momenta.append(optimizer.param_groups[0]["momentum"])
            optimizer.step()
            schedule.step()
        out.store(f"{case}.rate", torch.tensor(rates, dtype=torch.float64))
        if len(set(momenta)) > 1:
            out.store(f"{case}.momentum", torch.tensor(momenta, dtype=torch.float64))

    run("schedule_step", "0.1 · 0.5^⌊t/7⌋", "StepLR(step_size=7, gamma=0.5), lr=0.1",
        lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.5))
    run("schedule_cosine", "0.05 (1 + cos(π t/50))", "CosineAnnealingLR(T_max=50), lr=0.1",
        lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=SCHEDULE_STEPS))
    run("schedule_cosine_floor", "0.001 + 0.0495 (1 + cos(π t/50))", "CosineAnnealingLR(T_max=50, eta_min=0.001), lr=0.1",
        lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=SCHEDULE_STEPS, eta_min=0.001))

    def warm_up(t):
        return (t + 1) / 10 if t < 10 else 0.5 * (1 + math.cos(math.pi * (t - 10) / 40))

    run("schedule_warm_up_cosine", "0.1 (t+1)/10 if t < 10, else 0.05 (1 + cos(π (t-10)/40))", "LambdaLR(formula), lr=0.1",
        lambda o: lr_scheduler.LambdaLR(o, warm_up))
    run("schedule_one_cycle", "cosine 0.004 → 0.1 over t = 0..14, then 0.1 → 4e-7 until t = 49; momentum 0.95 → 0.85 → 0.95 likewise",
        "OneCycleLR(max_lr=0.1, total_steps=50)",
        lambda o: lr_scheduler.OneCycleLR(o, max_lr=peak, total_steps=SCHEDULE_STEPS))


def record(out):
    """All optimizer cases."""
    gradients = common(out)
    steps(out, gradients)
    clipping(out, gradients)
    moving_average(out)
    schedules(out)
