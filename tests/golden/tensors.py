"""Operations of tensors: values, gradients for a given gradient by the result, and values at special numbers."""

import math
import random

import torch
from torch.nn import functional

# name: (function, low, high)
UNARY = {
    "abs": (torch.abs, -2, 2), "sign": (torch.sign, -2, 2), "sqrt": (torch.sqrt, 0.1, 4), "rsqrt": (torch.rsqrt, 0.1, 4),
    "square": (torch.square, -2, 2), "recip": (torch.reciprocal, 0.2, 3), "exp": (torch.exp, -3, 3),
    "exp2": (torch.exp2, -3, 3), "expm1": (torch.expm1, -2, 2), "ln": (torch.log, 0.1, 5), "log2": (torch.log2, 0.1, 5),
    "log10": (torch.log10, 0.1, 5), "log1p": (torch.log1p, -0.8, 3), "sin": (torch.sin, -9, 9), "cos": (torch.cos, -9, 9),
    "tan": (torch.tan, -1.3, 1.3), "asin": (torch.asin, -0.95, 0.95), "acos": (torch.acos, -0.95, 0.95),
    "atan": (torch.atan, -9, 9), "sinh": (torch.sinh, -3, 3), "cosh": (torch.cosh, -3, 3), "tanh": (torch.tanh, -3, 3),
    "erf": (torch.erf, -3, 3), "floor": (torch.floor, -3, 3), "ceil": (torch.ceil, -3, 3), "round": (torch.round, -3, 3),
    "powf": (lambda x: x ** 2.5, 0.1, 3), "clamp": (lambda x: x.clamp(-1, 0.5), -2, 2), "relu": (torch.relu, -2, 2),
    "leaky_relu": (functional.leaky_relu, -2, 2), "sigmoid": (torch.sigmoid, -5, 5), "gelu": (functional.gelu, -3, 3),
    "gelu_tanh": (lambda x: functional.gelu(x, approximate="tanh"), -3, 3), "silu": (functional.silu, -5, 5),
    "elu": (functional.elu, -3, 3), "softplus": (functional.softplus, -5, 5),
}

# name: (shape of a, shape of b, function)
BINARY = {
    "add": ((2, 3), (3,), torch.add), "add_rank": ((3,), (2, 3), torch.add), "sub": ((4, 1, 3), (2, 1), torch.sub),
    "mul": ((2, 3), (2, 1), torch.mul), "mul_ones": ((1, 1), (1, 1), torch.mul), "div": ((2, 3), (1, 3), torch.div),
    "pow": ((2, 3), (3,), torch.pow), "rem": ((2, 3), (3,), torch.remainder), "maximum": ((2, 3), (1,), torch.maximum),
    "minimum": ((2, 3), (2, 3), torch.minimum), "matmul": ((3, 4), (4, 5), torch.matmul),
    "matmul_batch": ((2, 3, 4), (2, 4, 2), torch.matmul), "matmul_broadcast": ((2, 3, 2, 4), (1, 4, 3), torch.matmul),
    "matmul_row": ((4,), (4, 3), torch.matmul), "matmul_column": ((3, 4), (4,), torch.matmul),
    "dot": ((7,), (7,), torch.dot), "outer": ((3,), (4,), torch.outer),
    "concat": ((2, 3), (2, 2), lambda a, b: torch.cat((a, b), 1)), "stack": ((2, 3), (2, 3), lambda a, b: torch.stack((a, b), 1)),
    "einsum_batch": ((2, 3, 4), (2, 4, 2), lambda a, b: torch.einsum("bij,bjk->bik", a, b)),
    "einsum_mixed": ((2, 3, 4), (4, 5, 3), lambda a, b: torch.einsum("abc,cdb->da", a, b)),
}

# Shapes at the edges: axes of length 1, no axes, lengths that no register divides.
BINARY |= {
    "edge_add": ((1,), (1, 1, 1), torch.add), "edge_sub": ((3, 5), (), torch.sub), "edge_mul": ((5, 1, 7), (5, 3, 7), torch.mul),
    "edge_div": ((7, 1), (1, 9), torch.div), "edge_pow": ((1, 6), (1,), torch.pow), "edge_maximum": ((17,), (3, 17), torch.maximum),
    "edge_matmul": ((1, 1), (1, 1), torch.matmul), "edge_matmul_dot": ((1, 5), (5, 1), torch.matmul),
    "edge_matmul_outer": ((7, 1), (1, 9), torch.matmul), "edge_matmul_odd": ((13, 11), (11, 17), torch.matmul),
    "edge_matmul_batch": ((4, 1, 5), (5, 3), torch.matmul), "edge_concat": ((1, 3), (4, 3), lambda a, b: torch.cat((a, b), 0)),
}

# name: (shape, function)
WHOLE = {
    "sum": ((2, 3, 4), torch.sum), "sum_axis": ((2, 3, 4), lambda x: x.sum(1)), "sum_axes": ((2, 3, 4), lambda x: x.sum((0, 2))),
    "mean_kept": ((2, 3, 4), lambda x: x.mean((0, 2), keepdim=True)), "prod": ((2, 3), torch.prod),
    "prod_axis": ((2, 3, 4), lambda x: x.prod(1)), "max": ((2, 3), torch.max), "max_axis": ((2, 3, 4), lambda x: x.max(1).values),
    "min_axis": ((2, 3, 4), lambda x: x.min(2).values), "var": ((3, 4), lambda x: x.var(1)),
    "var_population": ((3, 4), lambda x: x.var(0, correction=0)), "std": ((3, 4), torch.std), "norm": ((3, 4), lambda x: x.norm(dim=0)),
    "logsumexp": ((3, 4), lambda x: (30 * x).logsumexp(1)), "cumsum": ((3, 4), lambda x: x.cumsum(0)),
    "softmax": ((3, 4), lambda x: x.softmax(-1)), "log_softmax": ((3, 4), lambda x: x.log_softmax(-1)),
    "permute": ((2, 3, 4), lambda x: x.permute(2, 0, 1)), "transpose": ((2, 3, 4), lambda x: x.transpose(-1, -2)),
    "broadcast": ((3, 1), lambda x: x.expand(2, 3, 4)), "slice": ((4, 3), lambda x: x[1:3]), "flip": ((2, 3), lambda x: x.flip(1)),
    "pad": ((2, 3), lambda x: functional.pad(x, (2, 1))), "tril": ((3, 4), lambda x: x.tril(-1)), "triu": ((3, 4), lambda x: x.triu(1)),
    "gather": ((2, 3), lambda x: x.gather(1, torch.tensor([[2, 0], [1, 1]]))),
    "index_select": ((3, 2), lambda x: x.index_select(0, torch.tensor([2, 0, 2]))),
    "scatter_add": ((4,), lambda x: torch.ones(3, dtype=x.dtype).scatter_add(0, torch.tensor([0, 2, 2, 1]), x)),
    "sort": ((3, 4), lambda x: x.sort(1).values), "topk": ((3, 4), lambda x: x.topk(2, 1).values),
    "edge_sum": ((1, 1, 1), lambda x: x.sum((0, 2))), "edge_mean": ((129, 3), lambda x: x.mean(0)),
    "edge_max": ((1, 7, 1), lambda x: x.max(2).values), "edge_var": ((2, 33), lambda x: x.var(1)),
    "edge_softmax": ((5, 1), lambda x: x.softmax(-1)), "edge_log_softmax": ((3, 37), lambda x: x.log_softmax(-1)),
    "edge_logsumexp": ((1, 40), lambda x: x.logsumexp(1)), "edge_cumsum": ((1, 5), lambda x: x.cumsum(0)),
    "edge_norm": ((67, 2), lambda x: x.norm(dim=0)), "edge_prod": ((2, 9), lambda x: x.prod(1)),
    "edge_permute": ((2, 1, 3, 4), lambda x: x.permute(3, 0, 2, 1)), "edge_slice": ((1, 9), lambda x: x[:, 8:9]),
    "min": ((2, 3), torch.min), "mean": ((2, 3), torch.mean), "mean_axis": ((2, 3), lambda x: x.mean(0)), "neg": ((2, 3), torch.neg),
    "logsumexp_kept": ((2, 3), lambda x: x.logsumexp((0, 1), keepdim=True)), "reshape": ((2, 3), lambda x: x.reshape(3, 2)),
    "flatten": ((2, 3), torch.flatten), "chunk": ((4, 3), lambda x: x.chunk(2, 0)[1]), "select_at": ((4, 3), lambda x: x[:, 2]),
    "unsqueeze": ((2, 3), lambda x: x.unsqueeze(1)), "squeeze": ((2, 1, 3), lambda x: x.squeeze(1)),
    "apply": ((2, 3), lambda x: functional.leaky_relu(x, 0.2)), "scalars": ((2, 3), lambda x: (2 / (x - 3) + (1 - x) / 7) * 3 + 0.5),
    "interpolate_nearest": ((2, 3, 2, 3), lambda x: functional.interpolate(x, scale_factor=2)),
    "interpolate_bilinear": ((2, 1, 3, 2), lambda x: functional.interpolate(x, scale_factor=3, mode="bilinear")),
    "pixel_shuffle": ((2, 8, 2, 3), lambda x: functional.pixel_shuffle(x, 2)),
    "zero_pad2d": ((2, 2, 2, 3), lambda x: functional.pad(x, (1, 2, 0, 3))),
    "edge_interpolate": ((1, 1, 1, 1), lambda x: functional.interpolate(x, scale_factor=5, mode="bilinear")),
    "select_where": ((2, 2), lambda x: torch.where(torch.tensor([[True, False], [False, True]]), x, 3 * x)),
}

# name: (shape of x, shape of w, function)
CONVOLUTIONS = {
    "conv1d": ((2, 3, 9), (4, 3, 3), functional.conv1d),
    "conv1d_options": ((3, 4, 11), (6, 2, 3), lambda x, w: functional.conv1d(x, w, stride=2, padding=2, dilation=2, groups=2)),
    "conv2d": ((2, 2, 6, 5), (3, 2, 3, 2), functional.conv2d),
    "conv2d_options": ((2, 3, 7, 8), (4, 3, 3, 3), lambda x, w: functional.conv2d(x, w, stride=(2, 1), padding=(1, 2))),
    "conv2d_depthwise": ((9, 3, 5, 4), (6, 1, 3, 3), lambda x, w: functional.conv2d(x, w, padding="same", groups=3)),
    "conv2d_single": ((1, 1, 1, 1), (1, 1, 1, 1), functional.conv2d),
    "conv3d": ((1, 2, 4, 3, 5), (2, 2, 2, 2, 3), lambda x, w: functional.conv3d(x, w, padding=1)),
    "conv_transpose1d": ((2, 3, 5), (3, 2, 3), lambda x, w: functional.conv_transpose1d(x, w, stride=2, padding=1, output_padding=1)),
    "conv_transpose2d": ((2, 4, 3, 4), (4, 1, 2, 3), lambda x, w: functional.conv_transpose2d(x, w, stride=2, groups=2)),
    "conv_transpose3d": ((1, 2, 2, 3, 2), (2, 3, 2, 2, 2), functional.conv_transpose3d),
}

# name: (shape, function)
IMAGES = {
    "max_pool1d": ((2, 3, 9), lambda x: functional.max_pool1d(x, 3, stride=2, padding=1)),
    "max_pool2d": ((2, 2, 6, 7), lambda x: functional.max_pool2d(x, 2)),
    "max_pool2d_dilated": ((2, 1, 7, 7), lambda x: functional.max_pool2d(x, 3, stride=1, dilation=2)),
    "max_pool3d": ((1, 2, 4, 4, 5), lambda x: functional.max_pool3d(x, 2)),
    "avg_pool1d": ((2, 3, 7), lambda x: functional.avg_pool1d(x, 3, padding=1)),
    "avg_pool2d": ((2, 2, 5, 6), lambda x: functional.avg_pool2d(x, 3, stride=2, padding=1)),
    "avg_pool2d_without_padding": ((2, 2, 5, 6), lambda x: functional.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)),
    "avg_pool3d": ((1, 2, 3, 4, 5), lambda x: functional.avg_pool3d(x, 2, stride=1)),
    "avg_pool1d_without_padding": ((2, 3, 7), lambda x: functional.avg_pool1d(x, 3, padding=1, count_include_pad=False)),
    "avg_pool3d_without_padding": (
        (1, 2, 3, 4, 5), lambda x: functional.avg_pool3d(x, 3, stride=2, padding=1, count_include_pad=False)),
    "adaptive_avg_pool": ((2, 2, 7, 5), lambda x: functional.adaptive_avg_pool2d(x, (3, 2))),
    "layer_norm": ((2, 3, 5), lambda x: functional.layer_norm(x, (5,))),
    "rms_norm": ((3, 5), lambda x: functional.rms_norm(x, (5,), eps=1e-5)),
    "group_norm": ((2, 6, 3), lambda x: functional.group_norm(x, 3)),
    "instance_norm": ((2, 3, 4, 2), functional.instance_norm),
    "batch_norm": ((5, 3, 2, 2), lambda x: functional.batch_norm(x, None, None, training=True)),
    "batch_norm_of_features": ((6, 3), lambda x: functional.batch_norm(x, None, None, training=True)),
}

SPECIAL = [0.0, -0.0, 1.0, -1.0, float("inf"), float("-inf"), float("nan"), 1e-40, -1e-40, 1e-30, 0.5, -0.5, 1.5, 2.5, 90.0,
           -90.0, 105.0, -105.0, 1e4, -1e4, 3e38, -3e38]


def gradient(out, case, function, *operands):
    """The result of the operands, and their gradients for a random gradient by the result."""
    leaves = [operand.clone().requires_grad_() for operand in operands]
    y = function(*leaves)
    dy = out.uniform(f"{case}.dy", tuple(y.shape))
    y.backward(dy)
    out.store(f"{case}.y", y)
    out.store(f"{case}.dy", dy)
    for name, leaf in zip(("x", "b"), leaves):
        out.store(f"{case}.{name}", leaf)
        out.store(f"{case}.d{name}", torch.zeros_like(leaf) if leaf.grad is None else leaf.grad)


def bits(tensor):
    """float32 numbers as integers: safe from everything that looks at numbers."""
    return tensor.to(torch.float32).view(torch.int32).to(torch.int64)


def pairs(out):
    """Functions of two numbers, of each special number with each."""
    special = torch.tensor(SPECIAL, dtype=torch.float32)
    out.case("pairs", "as `special`: each number with each, a row for each first one", "")
    for case in ("add", "sub", "mul", "div", "pow", "rem", "maximum", "minimum"):
        function = BINARY[case][2]
        a, b = (x.expand(22, 22).clone().requires_grad_() for x in (special.double()[:, None], special.double()[None, :]))
        y = function(a, b)
        y.sum().backward()
        out.store(f"pairs.{case}", bits(y))
        out.store(f"pairs.{case}_by_first", bits(a.grad))
        out.store(f"pairs.{case}_by_second", bits(b.grad))
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        out.store(f"pairs.{name}", getattr(torch, name)(special[:, None], special[None, :]).to(torch.int64))


def wholes():
    """What has no derivative: truth values, places, integers, new tensors, by name."""
    generator = random.Random("wholes")
    draw = lambda *shape: torch.tensor([generator.randint(-3, 3) for _ in range(math.prod(shape))]).reshape(shape)
    a, b, truth, other = draw(3, 5), draw(5), draw(3, 5) > 0, draw(5) > 0
    small = torch.tensor([[250, 3, 7], [100, 0, 255]], dtype=torch.uint8)
    divisor = torch.tensor([2, -3, 5, -1, 4])
    integers = a * 1_000_000_007
    special = torch.tensor(SPECIAL, dtype=torch.float32)
    distinct = draw(3, 5) * 15 + torch.arange(15).reshape(3, 5)
    return {
        "a": a, "b": b, "truth": truth, "other": other, "small": small, "divisor": divisor, "integers": integers, "distinct": distinct,
        "argmax": distinct.argmax(1), "argmin": distinct.argmin(0), "argmax_whole": distinct.argmax(),
        "sort_places": distinct.sort(1).indices, "topk_places": distinct.topk(2, 0).indices,
        "div_floor": torch.div(a * 7, divisor, rounding_mode="floor"), "rem_floor": torch.remainder(a * 7, divisor),
        "equal": a == b, "not_equal": a != b, "less": a < b, "less_equal": a <= b, "greater": a > b, "greater_equal": a >= b,
        "and": truth & other, "or": truth | other, "xor": truth ^ other, "not": ~truth,
        "any": truth.any(0), "all": truth.all(1), "any_whole": truth.any(), "all_whole": truth.all(),
        "is_nan": special.isnan(), "is_finite": special.isfinite(), "select": torch.where(truth, a, b),
        "add": integers.int() + b.int(), "sub": small - torch.tensor([9, 4, 8], dtype=torch.uint8), "mul": integers.int() * integers.int(),
        "sum": integers.sum(0), "prod": small.prod(1, dtype=torch.uint8), "max": integers.max(1).values, "min": integers.min(),
        "sum_wrapped": small.sum(0, dtype=torch.uint8), "one_hot": functional.one_hot(a[0] + 3, 7),
        "cast": (special.nan_to_num(0, 9, -9).clamp(-1e4, 1e4)).to(torch.int64), "cast_bool": special.to(torch.bool),
        "cast_f32": torch.tensor([16777217, -3, 2**53 + 1]).to(torch.float32).to(torch.float64),
        "cast_f16": special.to(torch.float16).view(torch.int16), "cast_bf16": special.to(torch.bfloat16).view(torch.int16),
        "flip": a.flip(1), "permute": draw(2, 3, 4).permute(2, 0, 1), "gather": a.gather(1, (a[:, :2] + 3).clamp(max=4)),
        "zeros": torch.zeros(2, 3), "ones": torch.ones(2, 3), "full": torch.full((2, 3), 0.5), "eye": torch.eye(3, 4),
        "from_slice": torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(2, 2), "from_fn": torch.arange(6).reshape(2, 3) * 1.5,
        "arange": 1.0 + 0.5 * torch.arange(7, dtype=torch.float64), "linspace": torch.linspace(-1, 2, 7, dtype=torch.float64),
    }


def record(out):
    """All cases."""
    out.case("whole", "what has no derivative: truth values, places, integers, new tensors", "")
    for name, tensor in wholes().items():
        out.store(f"whole.{name}", tensor if tensor.is_floating_point() else tensor.to(torch.int64))
    for case, (function, low, high) in UNARY.items():
        out.case(case, "", f"torch.{case}")
        gradient(out, case, function, out.uniform(f"{case}.x", (3, 5), low, high))
    for case, (a, b, function) in BINARY.items():
        out.case(case, "", f"torch.{case}")
        gradient(out, case, function, out.uniform(f"{case}.a", a, 0.2, 3), out.uniform(f"{case}.b", b, 0.3, 2))
    for case, (shape, function) in WHOLE.items():
        out.case(case, "", f"torch.{case}")
        gradient(out, case, function, out.uniform(f"{case}.x", shape))
    for case, (x, w, function) in CONVOLUTIONS.items():
        out.case(case, "", f"torch.nn.functional.{case}")
        gradient(out, case, function, out.uniform(f"{case}.x", x, -1, 1), out.uniform(f"{case}.w", w, -1, 1))
    for case, (shape, function) in IMAGES.items():
        out.case(case, "", f"torch.nn.functional.{case}")
        gradient(out, case, function, out.uniform(f"{case}.x", shape))
    pairs(out)
    special = torch.tensor(SPECIAL, dtype=torch.float32)
    out.case("special", "float32 numbers as integers: 0, -0, infinities, NaN, subnormal and large numbers", "")
    out.store("special.x", bits(special))
    for case, (function, _, _) in UNARY.items():
        # In float64, then rounded: what float32 should give.
        leaf = special.double().requires_grad_()
        y = function(leaf)
        y.sum().backward()
        out.store(f"special.{case}", bits(y))
        out.store(f"special.d{case}", bits(leaf.grad))
