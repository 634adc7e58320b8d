"""Loads weights that nanotorch has written into the same torch.nn model, and compares the outputs.

    check_weights.py WEIGHTS [DATA] [--sizes 64,32,16,10] [--tolerance 1e-5]

WEIGHTS: a safetensors file with fc1.weight, fc1.bias, fc2.weight, ..; loaded with strict load_state_dict.
DATA: a safetensors file with __input and __output; by default they are taken from WEIGHTS.
Exit status: 0 all agrees; 1 a name, shape, element type or output differs; 2 a file can't be read.
"""

import argparse
import sys

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from models import SIZES, Mlp

INPUT, OUTPUT = "__input", "__output"


def read(path):
    """The tensors of a file; exits with 2 if it can't be read."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        print(f"cannot read {path}: {error}", file=sys.stderr)
        sys.exit(2)


def model_with(parameters, sizes):
    """The model with these parameters, in their element type; RuntimeError or ValueError says what doesn't fit."""
    dtypes = {tensor.dtype for tensor in parameters.values()}
    if len(dtypes) != 1 or not dtypes <= {torch.float32, torch.float64}:
        raise ValueError(f"the parameters have to be all F32 or all F64, but are {sorted(map(str, dtypes))}")
    model = Mlp(sizes).to(dtypes.pop())
    model.load_state_dict(parameters, strict=True)
    return model.eval()


def compare(model, x, expected, tolerance):
    """None if the outputs agree within the tolerance of max(1, |y|), else what differs."""
    parameter = next(model.parameters())
    if x.dim() != 2 or x.shape[1] != model.fc1.in_features:
        return f"{INPUT} has shape {list(x.shape)}, the model takes [batch, {model.fc1.in_features}]"
    if x.dtype != parameter.dtype or expected.dtype != parameter.dtype:
        return f"{INPUT} is {x.dtype} and {OUTPUT} is {expected.dtype}, but the parameters are {parameter.dtype}"
    with torch.no_grad():
        y = model(x)
    if y.shape != expected.shape:
        return f"{OUTPUT} has shape {list(expected.shape)}, PyTorch gives {list(y.shape)}"
    if y.numel() == 0:
        return f"{INPUT} is empty: nothing to compare"
    deviation = ((y - expected).abs() / y.abs().clamp(min=1.0)).max().item()
    if not deviation <= tolerance:
        return f"the outputs deviate by {deviation:.2e}, more than {tolerance:.1e}"
    print(f"{y.shape[0]} x {y.shape[1]} outputs agree: largest deviation {deviation:.2e}, allowed {tolerance:.1e}")
    return None


def main():
    """Parses the command line, loads, compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("data", nargs="?")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="features of the input and of each layer")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()
    parameters = read(arguments.weights)
    own = {name: parameters.pop(name) for name in (INPUT, OUTPUT) if name in parameters}
    data = read(arguments.data) if arguments.data else own
    missing = [name for name in (INPUT, OUTPUT) if name not in data]
    if missing:
        print(f"{arguments.data or arguments.weights} has no {' and no '.join(missing)}", file=sys.stderr)
        return 1
    try:
        model = model_with(parameters, [int(size) for size in arguments.sizes.split(",")])
    except (RuntimeError, ValueError) as error:
        print(f"{arguments.weights} does not load: {error}", file=sys.stderr)
        return 1
    difference = compare(model, data[INPUT], data[OUTPUT], arguments.tolerance)
    if difference:
        print(difference, file=sys.stderr)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
