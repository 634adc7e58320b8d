"""Convolutions and poolings of geometry that is drawn: stride, padding, dilation, groups, odd sizes.

`python geometry.py` prints the same cases as Rust, which is `tests/tests/geometry/drawn.rs`.
"""

import random

from torch import nn

from images import FORMULAS
from layers import BATCH, layer

KINDS = ["Conv1d", "Conv2d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d"]
ROUNDS = 3


def drawn():
    """For each case: its name, what makes the module, the shape of a sample, the layer in Rust."""
    random_state = random.Random("geometry")
    pick = random_state.randint
    for index in range(ROUNDS * len(KINDS)):
        kind = KINDS[index % len(KINDS)]
        rank, is_pool, is_transposed = int(kind[-2]), "Pool" in kind, "Transpose" in kind
        kernel, stride, dilation = pick(1, 4), pick(1, 3), pick(1, 2)
        dilation = 1 if kind == "AvgPool2d" else dilation
        reach = dilation * (kernel - 1) + 1
        padding = pick(0, min(kernel // 2 if is_pool else 2, (reach - 1) // 2 if is_transposed else 2))
        lengths = [reach + pick(0, 4 if rank > 2 else 6) for _ in range(rank)]
        if is_transposed:
            lengths = [pick(2, 5) for _ in range(rank)]
        groups = 1 if is_pool else pick(1, 3)
        inputs, outputs = groups * pick(1, 3), groups * pick(1, 3)
        if kind == "Conv2d" and index % 16 < 8:
            # By squares, where the window allows it.
            kernel, stride, dilation, padding, groups, inputs, outputs = 3, 1, 1, pick(0, 2), 1, pick(16, 18), pick(16, 20)
        bias = pick(0, 1) == 1
        call = f"{kernel}, stride={stride}, padding={padding}"
        call += "" if kind == "AvgPool2d" else f", dilation={dilation}"
        options = f"Stride<{stride}>, Padding<{padding}>, Dilation<{dilation}>"
        if is_pool:
            channels = pick(1, 3)
            written = f"{kind}<{kernel}, ({options}), T>"
            call = f"nn.{kind}({call})"
        else:
            channels, each = inputs, (outputs if is_transposed else inputs) // groups
            options += f", Groups<{groups}, {each}>" + ("" if bias else ", NoBias")
            written = f"{kind}<{inputs}, {outputs}, {kernel}, ({options}), T>"
            call = f"nn.{kind}({inputs}, {outputs}, {call}, groups={groups}, bias={bias})"
        shape = (channels, *lengths)
        yield f"drawn_{index}", call, shape, written


def record(out):
    """All cases that are drawn."""
    for name, call, shape, _ in drawn():
        module = eval(call, {"nn": nn}).to(out.dtype)  # pylint: disable=eval-used
        x = out.uniform(f"{name}.x", (BATCH, *shape), -0.25, 0.25)
        layer(out, name, FORMULAS[type(module).__name__], call, module, x, reach=0.25)


def rust():
    """The cases as a list for a macro."""
    lines = ["//! Written by `tests/golden/geometry.py`.", "", "/// Hands the layers whose geometry is drawn to a macro."]
    lines += ["macro_rules! with_drawn {", "    ($Use:ident) => {", "        $Use! {"]
    for name, _, shape, written in drawn():
        axes = ", ".join(map(str, shape))
        lines += [f'            "{name}": R{len(shape)}<{axes}>, |T| {written};']
    lines += ["        }", "    };", "}", "pub(crate) use with_drawn;"]
    return "\n".join(lines)


if __name__ == "__main__":
    print(rust())
