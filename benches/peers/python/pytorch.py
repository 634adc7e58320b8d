"""The workloads in PyTorch, eager, images also with channels last; inference also traced and frozen."""

import torch
from torch import nn

from measure import BATCHES, CONVOLUTIONS, MANY, SIZES, SOFTMAX, Printer, arguments

options = arguments()
torch.set_num_threads(options.threads)
torch.manual_seed(1)
printer = Printer("PyTorch", options)


def mlp(sizes, batch, tiny):
    activation = nn.Tanh if tiny else nn.ReLU
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    model = nn.Sequential(*layers[:-1])
    x = [torch.rand(batch, sizes[0]) * 2 - 1 for _ in range(BATCHES)]
    target = torch.rand(batch, sizes[-1]) if tiny else torch.arange(batch) * 7 % 10
    criterion = nn.MSELoss() if tiny else nn.CrossEntropyLoss()
    if tiny:
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
    turn = 0

    def step():
        nonlocal turn
        turn = (turn + 1) % BATCHES
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(x[turn]), target)
        loss.backward()
        optimizer.step()

    printer.rounds("train", 0.4, step)
    sample = x[0][:1].clone()
    with torch.inference_mode():
        printer.rounds("infer_b1", 0.3, lambda: model(sample))
    with torch.no_grad():
        frozen = torch.jit.freeze(torch.jit.trace(model.eval(), sample))
        printer.rounds("infer_b1", 0.3, lambda: frozen(sample), "PyTorch frozen")


def lenet():
    return nn.Sequential(
        *[nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2)],
        *[nn.Flatten(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)],
    )


def deep():
    layers, inputs = [], 3
    for outputs in [32, 64, 128]:
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if outputs < 128 else [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Linear(128, 10))


def normalised():
    layers = []
    for inputs, outputs, stride in [(3, 32, 1), (32, 32, 2), (32, 64, 1), (64, 64, 1)]:
        convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def images(make, shape, batch):
    for label, form in [("PyTorch", torch.contiguous_format), ("PyTorch channels last", torch.channels_last)]:
        model = make().to(memory_format=form)
        x = [(torch.rand(batch, *shape) * 2 - 1).to(memory_format=form) for _ in range(BATCHES)]
        target, criterion = torch.arange(batch) * 7 % 10, nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)
        turn = 0

        def step():
            nonlocal turn
            turn = (turn + 1) % BATCHES
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(x[turn]), target)
            loss.backward()
            optimizer.step()

        printer.rounds("train", 0.25, step, label)
        sample = x[0][:1].clone(memory_format=form)
        model.eval()
        with torch.inference_mode():
            printer.rounds("infer_b1", 0.15, lambda: model(sample), label)
        if form == torch.channels_last:
            with torch.no_grad():
                frozen = torch.jit.freeze(torch.jit.trace(model, sample))
                printer.rounds("infer_b1", 0.15, lambda: frozen(sample), "PyTorch frozen")


def convolutions():
    share = 1 / (3 * len(CONVOLUTIONS))
    backward = torch.ops.aten.convolution_backward
    with torch.inference_mode():
        for name, batch, inputs, outputs, image, kernel, stride, padding, groups in CONVOLUTIONS:
            last = torch.channels_last
            x = torch.rand(batch, inputs, image, image).to(memory_format=last)
            weight = torch.rand(outputs, inputs // groups, kernel, kernel).to(memory_format=last)
            forward = lambda: nn.functional.conv2d(x, weight, None, stride, padding, 1, groups)
            dy = torch.rand_like(forward())
            flops = 2e-9 * dy.numel() * weight[0].numel()

            def back(*wanted):
                pair = lambda number: [number, number]
                backward(dy, x, weight, None, pair(stride), pair(padding), [1, 1], False, [0, 0], groups, [*wanted, False])

            ways = {"forward": forward, "data": lambda: back(True, False), "weights": lambda: back(False, True)}
            for way, work in ways.items():
                printer.line(f"{name}_{way}_GFLOPs_max", flops / printer.least(share, work))


def gemm():
    for m, k, n in SIZES:
        a, b, c = torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)
        least = printer.least(1 / len(SIZES), lambda: torch.mm(a, b, out=c))
        printer.line(f"gemm_{m}x{k}x{n}_GFLOPs_max", 2e-9 * m * k * n / least)


def elementwise():
    x, y = torch.rand(MANY) * 8 - 4, torch.empty(MANY)
    positive = x.abs() + 1e-3
    functional = nn.functional
    functions = {
        "tanh": lambda: torch.tanh(x, out=y),
        "exp": lambda: torch.exp(x, out=y),
        "log": lambda: torch.log(positive, out=y),
        "sigmoid": lambda: torch.sigmoid(x, out=y),
        "erf": lambda: torch.erf(x, out=y),
        "gelu": lambda: torch._C._nn.gelu(x, out=y),
        "gelu_tanh": lambda: torch._C._nn.gelu(x, approximate="tanh", out=y),
        "silu": lambda: torch._C._nn.silu(x, out=y),
        "softplus": lambda: torch._C._nn.softplus(x, out=y),
    }
    with torch.inference_mode():
        for name, function in functions.items():
            printer.line(f"{name}_ns_per_elt_min", printer.least(1 / 12, function) * 1e9 / MANY)
        for rows, n in SOFTMAX:
            z = torch.rand(rows, n)
            least = printer.least(1 / 12, lambda: functional.softmax(z, dim=1))
            printer.line(f"softmax_{rows}x{n}_ns_per_elt_min", least * 1e9 / (rows * n))


def optimizer():
    for name, size in [("mlp_mnist", 535_818), ("1m", 1 << 20), ("16m", 1 << 24)]:
        source, target = torch.rand(size), torch.empty(size)
        copy = printer.least(1 / 15, lambda: target.copy_(source)) * 1e9 / size
        printer.line(f"copy_{name}_ns_per_elt_min", copy)
        for label, make in {
            "sgd": lambda p: torch.optim.SGD([p], lr=1e-3, fused=True),
            "momentum": lambda p: torch.optim.SGD([p], lr=1e-3, momentum=0.9, fused=True),
            "rmsprop": lambda p: torch.optim.RMSprop([p], lr=1e-3),
            "adam": lambda p: torch.optim.Adam([p], lr=1e-6, fused=True),
        }.items():
            parameter = nn.Parameter(torch.rand(size))
            parameter.grad = torch.rand(size) * 1e-2
            step = make(parameter).step
            printer.line(f"{label}_{name}_ns_per_elt_min", printer.least(1 / 15, step) * 1e9 / size)


def tensor():
    x = torch.rand(MANY) * 2 - 1
    rows, bias = x.view(4096, 256), torch.rand(256)
    base, exponent = x.abs() + 0.1, x * 8
    lines = {
        "pow": (MANY, lambda: base.pow(exponent)),
        "relu": (MANY, lambda: torch.relu(x)),
        "add": (MANY, lambda: x + x),
        "exp": (MANY, lambda: x.exp()),
        "chain_of_4": (4 * MANY, lambda: ((x * 2 + x).relu() - 1).abs()),
        "add_row": (MANY, lambda: rows + bias),
        "sum_axis_0": (MANY, lambda: rows.sum(0)),
    }
    a, b = torch.rand(64, 784), torch.rand(784, 512)
    with torch.inference_mode():
        for name, (count, function) in lines.items():
            printer.line(f"{name}_ns_per_elt_min", printer.least(1 / 10, function) * 1e9 / count)
        least = printer.least(1 / 10, lambda: (a @ b).relu())
        printer.line("matmul_relu_64x784x512_GFLOPs_max", 2e-9 * 64 * 784 * 512 / least)
    sizes = [(4, 16), (16, 16), (16, 2)]
    weights = [((torch.rand(size) - 0.5) / 2).requires_grad_() for size in sizes]
    biases = [torch.zeros(size[1], requires_grad=True) for size in sizes]
    inputs, targets = torch.randn(32, 4), torch.randn(32, 2)

    def step():
        hidden = inputs
        for layer, (weight, bias) in enumerate(zip(weights, biases)):
            hidden = hidden @ weight + bias
            if layer < 2:
                hidden = hidden.tanh()
        (hidden - targets).square().mean().backward()
        with torch.no_grad():
            for parameter in weights + biases:
                parameter -= 0.01 * parameter.grad
                parameter.grad = None

    printer.line("tape_mlp_tiny_step_ns_per_elt_min", printer.least(1 / 4, step) * 1e9)


{
    "mlp-tiny": lambda: mlp([4, 16, 16, 2], 32, True),
    "mlp-mnist": lambda: mlp([784, 512, 256, 10], 64, False),
    "cnn-lenet": lambda: images(lenet, (1, 28, 28), 64),
    "cnn-deep": lambda: images(deep, (3, 32, 32), 32),
    "cnn-norm": lambda: images(normalised, (3, 32, 32), 32),
    "convolutions": convolutions,
    "gemm": gemm,
    "elementwise": elementwise,
    "optimizer": optimizer,
    "tensor": tensor,
}.get(options.workload, lambda: None)()
