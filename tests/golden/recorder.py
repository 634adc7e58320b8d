"""Collects the tensors of golden cases, and one line of documentation for each case.

A recorder computes in one element type. Inputs are drawn as f32 numbers and then widened, so that the f64 and the
f32 path of the library start from exactly the same values.
"""

import math
import random

import torch

ZERO_LARGE_TINY = [0.0, 30.0, -30.0, 100.0, -100.0, 1e-30, -1e-30, 1e-8, -1e-8, 1e-3, -1e-3, 1.0, -1.0]


class Recorder:
    """Tensors by full name, and rows `(case, formula, call)` in the order in which the cases were opened."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.tensors = {}
        self.rows = []

    def case(self, name, formula, call):
        """Opens a case: what it computes, as a formula and as a PyTorch call."""
        self.rows.append((name, formula, call))

    def uniform(self, name, shape, low=-2.0, high=2.0, first=()):
        """f32 numbers, `first` and then uniform in [low, high); the seed is the name, so cases don't move one another."""
        generator = random.Random(name)
        count = math.prod(shape)
        values = list(first) + [generator.uniform(low, high) for _ in range(count - len(first))]
        return self.numbers(values).reshape(shape)

    def numbers(self, values):
        """The values, rounded to f32, in the recorder's element type."""
        return torch.tensor(values, dtype=torch.float32).to(self.dtype)

    def store(self, name, tensor):
        """Keeps a copy of the tensor under its full name."""
        assert name not in self.tensors, f"{name} is stored twice"
        self.tensors[name] = tensor.detach().clone().contiguous()

    def fill(self, case, module):
        """Gives each parameter of a Linear values in PyTorch's default range, +-1/sqrt(in), and of others in +-1/2."""
        for name, parameter in module.named_parameters():
            owner = module.get_submodule(name.rpartition(".")[0])
            bound = 1 / math.sqrt(getattr(owner, "in_features", 4))
            parameter.data = self.uniform(f"{case}.param.{name}", parameter.shape, -bound, bound)

    def shapes(self, case):
        """`name [dims]` for each tensor of a case, for the table."""
        prefix = case + "."
        own = [(name[len(prefix):], t) for name, t in self.tensors.items() if name.startswith(prefix)]
        return ", ".join(f"`{name}` {list(t.shape)}" for name, t in own)
