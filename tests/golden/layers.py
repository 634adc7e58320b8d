"""Layers: value, gradient with respect to the input and to each parameter."""

from torch import nn

from recorder import ZERO_LARGE_TINY

BATCH = 3


def layer(out, case, formula, call, module, x, reach=2.0):
    """One case: y = module(x), then the gradients of sum(dy * y), with dy from -reach to reach."""
    out.case(case, formula, call)
    out.fill(case, module)
    x = x.clone().requires_grad_()
    y = module(x)
    dy = out.uniform(f"{case}.dy", y.shape, -reach, reach)
    y.backward(dy)
    for name, tensor in {"x": x, "y": y, "dy": dy, "dx": x.grad}.items():
        out.store(f"{case}.{name}", tensor)
    for name, parameter in module.named_parameters():
        out.store(f"{case}.param.{name}", parameter)
        out.store(f"{case}.grad.{name}", parameter.grad)


def linear(out):
    """Affine maps, alone and in stacks."""
    formula = "y = x Wᵀ + b"
    for case, batch, bias in [("linear", BATCH, True), ("linear_no_bias", BATCH, False), ("linear_batch_1", 1, True)]:
        call = f"nn.Linear(5, 7, bias={bias})"
        x = out.uniform(f"{case}.x", (batch, 5))
        layer(out, case, formula if bias else "y = x Wᵀ", call, nn.Linear(5, 7, bias=bias), x)

    flatten_linear = nn.Sequential()
    flatten_linear.add_module("flatten", nn.Flatten())
    flatten_linear.add_module("fc1", nn.Linear(35, 11))
    layer(out, "flatten_linear", "y = fc1(flatten(x)), row-major", "nn.Flatten(), nn.Linear(35, 11)",
          flatten_linear, out.uniform("flatten_linear.x", (BATCH, 5, 7)))

    stack = nn.Sequential()
    for name, module in [("flatten", nn.Flatten()), ("fc1", nn.Linear(35, 11)), ("tanh", nn.Tanh()),
                         ("fc2", nn.Linear(11, 5)), ("log_softmax", nn.LogSoftmax(dim=-1))]:
        stack.add_module(name, module)
    layer(out, "stack", "y = log_softmax(fc2(tanh(fc1(flatten(x)))))",
          "nn.Flatten(), nn.Linear(35, 11), nn.Tanh(), nn.Linear(11, 5), nn.LogSoftmax(-1)",
          stack, out.uniform("stack.x", (BATCH, 5, 7)))


def elementwise(out):
    """Activations on zeros, large, tiny and ordinary numbers."""
    maps = [
        ("relu", "y = max(0, x); y' = 0 at 0", "nn.ReLU()", nn.ReLU()),
        ("leaky_relu", "y = x if x > 0, else 0.01 x; y' = 0.01 at 0", "nn.LeakyReLU(0.01)", nn.LeakyReLU(0.01)),
        ("leaky_relu_0_2", "y = x if x > 0, else 0.2 x; y' = 0.2 at 0", "nn.LeakyReLU(0.2)", nn.LeakyReLU(0.2)),
        ("sigmoid", "y = 1 / (1 + exp(-x))", "nn.Sigmoid()", nn.Sigmoid()),
        ("tanh", "y = tanh(x)", "nn.Tanh()", nn.Tanh()),
        ("gelu", "y = x/2 (1 + erf(x/√2))", "nn.GELU()", nn.GELU()),
        ("gelu_tanh", "y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))", "nn.GELU(approximate='tanh')",
         nn.GELU(approximate="tanh")),
        ("silu", "y = x / (1 + exp(-x))", "nn.SiLU()", nn.SiLU()),
        ("elu", "y = x if x > 0, else exp(x) - 1", "nn.ELU(alpha=1.0)", nn.ELU(alpha=1.0)),
        ("softplus", "y = ln(1 + exp(x)); y = x and y' = 1 where x > 20", "nn.Softplus(beta=1, threshold=20)",
         nn.Softplus(beta=1, threshold=20)),
    ]
    around_threshold = [19.5, 20.0, 20.5]
    for case, formula, call, module in maps:
        x = out.uniform(f"{case}.x", (BATCH, 11), -4, 4, first=ZERO_LARGE_TINY + around_threshold)
        layer(out, case, formula, call, module, x)


def normalised(out):
    """Softmax and its logarithm over the last dimension, for samples of rank 1 and 2."""
    large, tiny, equal = [0.0, 100.0, -100.0, 30.0, -30.0, 99.0, 1.0], [1e-30, -1e-30, 1e-8, -1e-8, 0.0, 1e-3, 1.0], [7.0] * 7
    for case, formula, call, module in [
        ("softmax", "yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), last dimension", "nn.Softmax(dim=-1)", nn.Softmax(dim=-1)),
        ("log_softmax", "yᵢ = xᵢ - ln Σⱼ exp(xⱼ), last dimension", "nn.LogSoftmax(dim=-1)", nn.LogSoftmax(dim=-1)),
    ]:
        layer(out, case, formula, call, module, out.uniform(f"{case}.x", (BATCH, 7), first=large + tiny))
        rank_2 = f"{case}_rank_2"
        layer(out, rank_2, formula, call, module,
              out.uniform(f"{rank_2}.x", (BATCH, 5, 7), first=large + tiny + equal))


def record(out):
    """All layer cases."""
    linear(out)
    elementwise(out)
    normalised(out)
