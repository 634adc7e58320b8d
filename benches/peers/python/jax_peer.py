"""The workloads in JAX, compiled."""

import os

from measure import BATCHES, MANY, SIZES, SOFTMAX, Printer, arguments

options = arguments()
# XLA takes as many threads as it finds processors.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'true' if options.threads > 1 else 'false'}"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

# A call returns when its result is there, as in the other peers.
jax.config.update("jax_cpu_enable_async_dispatch", False)
printer = Printer("JAX", options)


def mlp(sizes, batch, tiny):
    keys = jax.random.split(jax.random.key(1), len(sizes))
    parameters = [
        (jax.random.normal(key, (inputs, outputs)) * inputs**-0.5, jnp.zeros(outputs))
        for key, inputs, outputs in zip(keys, sizes, sizes[1:])
    ]
    activation = jnp.tanh if tiny else jax.nn.relu

    def forward(parameters, x):
        for weight, bias in parameters[:-1]:
            x = activation(x @ weight + bias)
        weight, bias = parameters[-1]
        return x @ weight + bias

    def loss(parameters, x, target):
        y = forward(parameters, x)
        if tiny:
            return jnp.mean((y - target) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(y), target[:, None], 1))

    def sgd(state, x, target):
        parameters, m, v, t = state
        gradient = jax.grad(loss)(parameters, x, target)
        return jax.tree.map(lambda p, g: p - 1e-3 * g, parameters, gradient), m, v, t

    def adam(state, x, target):
        parameters, m, v, t = state
        gradient = jax.grad(loss)(parameters, x, target)
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
        step = 1e-4 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        return jax.tree.map(lambda p, m, v: p - step * m / (jnp.sqrt(v) + 1e-8), parameters, m, v), m, v, t

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, jax.tree.map(jnp.zeros_like, parameters), jnp.float32(0))
    step = jax.jit(sgd if tiny else adam, donate_argnums=0)
    x = [jax.random.uniform(jax.random.key(i), (batch, sizes[0]), minval=-1.0) for i in range(BATCHES)]
    target = jnp.ones((batch, sizes[-1])) if tiny else jnp.arange(batch) * 7 % 10
    turn = 0

    def train():
        nonlocal turn, state
        turn = (turn + 1) % BATCHES
        state = step(state, x[turn], target)

    infer, sample = jax.jit(forward), x[0][:1]
    fixed = jax.tree.map(jnp.array, parameters)
    printer.rounds("train", 0.5, train)
    printer.rounds("infer_b1", 0.5, lambda: infer(fixed, sample).block_until_ready())


def gemm():
    product = jax.jit(jnp.matmul)
    for m, k, n in SIZES:
        a, b = jnp.ones((m, k)), jnp.ones((k, n))
        least = printer.least(1 / len(SIZES), lambda: product(a, b).block_until_ready())
        printer.line(f"gemm_{m}x{k}x{n}_GFLOPs_max", 2e-9 * m * k * n / least)


def elementwise():
    x = jax.random.uniform(jax.random.key(1), (MANY,), minval=-4.0, maxval=4.0)
    functions = {
        "tanh": jnp.tanh,
        "exp": jnp.exp,
        "log": lambda x: jnp.log(jnp.abs(x) + 1e-3),
        "sigmoid": jax.nn.sigmoid,
        "erf": jax.scipy.special.erf,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "gelu_tanh": jax.nn.gelu,
        "silu": jax.nn.silu,
        "softplus": jax.nn.softplus,
    }
    for name, function in functions.items():
        compiled = jax.jit(function)
        least = printer.least(1 / 12, lambda: compiled(x).block_until_ready())
        printer.line(f"{name}_ns_per_elt_min", least * 1e9 / MANY)
    softmax = jax.jit(lambda x: jax.nn.softmax(x, axis=1))
    for rows, n in SOFTMAX:
        z = jax.random.uniform(jax.random.key(2), (rows, n))
        least = printer.least(1 / 12, lambda: softmax(z).block_until_ready())
        printer.line(f"softmax_{rows}x{n}_ns_per_elt_min", least * 1e9 / (rows * n))


{
    "mlp-tiny": lambda: mlp([4, 16, 16, 2], 32, True),
    "mlp-mnist": lambda: mlp([784, 512, 256, 10], 64, False),
    "gemm": gemm,
    "elementwise": elementwise,
}.get(options.workload, lambda: None)()
