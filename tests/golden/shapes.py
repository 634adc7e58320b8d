"""Operations of tensors on random shapes: values, and gradients for a given gradient by the result."""

import random

import torch
from torch.nn import functional

from tensors import BINARY, UNARY, gradient

LENGTHS = [1, 1, 1, 2, 3, 4, 5, 7, 8, 9, 17]
MOST = 90
COUNT = 5


def shape(generator, least=0, most=4):
    """Random lengths, ones among them; not too many numbers."""
    while True:
        lengths = [generator.choice(LENGTHS) for _ in range(generator.randint(least, most))]
        if torch.Size(lengths).numel() <= MOST:
            return lengths


def part(generator, lengths):
    """What broadcasts to the shape: without some of the first axes, others of length 1."""
    kept = lengths[generator.randint(0, len(lengths)):]
    return [generator.choice([length, length, 1]) for length in kept]


def arrangements(generator, lengths):
    """Operations on one operand of this shape, with what they are given beside it, by name."""
    rank, axis = len(lengths), generator.randrange(len(lengths))
    length = lengths[axis]
    start = generator.randrange(length)
    end = generator.randint(start + 1, length)
    order = generator.sample(range(rank), rank)
    before, behind = generator.randint(0, 2), generator.randint(0, 3)
    places = torch.tensor([generator.randrange(length) for _ in range(4)])
    index = torch.tensor([generator.randrange(length) for _ in range(torch.Size(lengths).numel())]).reshape(lengths)
    padding = [0, 0] * (rank - 1 - axis) + [before, behind]
    larger = [generator.choice([1, 2, 3])] + [3 if length == 1 else length for length in lengths]
    cases = {
        "sum": ([axis], lambda x: x.sum(axis)), "mean": ([axis], lambda x: x.mean(axis, keepdim=True)),
        "prod": ([axis], lambda x: x.prod(axis)), "max": ([axis], lambda x: x.max(axis).values),
        "min": ([axis], lambda x: x.min(axis).values), "cumsum": ([axis], lambda x: x.cumsum(axis)),
        "softmax": ([], lambda x: x.softmax(-1)), "log_softmax": ([], lambda x: x.log_softmax(-1)),
        "permute": (order, lambda x: x.permute(order)), "slice": ([axis, start, end], lambda x: x.narrow(axis, start, end - start)),
        "flip": ([axis], lambda x: x.flip(axis)), "pad": ([axis, before, behind], lambda x: functional.pad(x, padding)),
        "broadcast": (larger, lambda x: x.expand(larger)),
        "index_select": ([axis, *places.tolist()], lambda x: x.index_select(axis, places)),
        "gather": ([axis, *index.flatten().tolist()], lambda x: x.gather(axis, index)),
        "sort": ([axis], lambda x: x.sort(axis).values),
    }
    if rank > 1:
        offset = generator.randint(-2, 2)
        cases |= {"tril": ([offset], lambda x: x.tril(offset)), "triu": ([offset], lambda x: x.triu(offset))}
    return cases


def record(out):
    """All cases; `given` are the axes and places that an operation has beside its operand."""
    out.case("OPERATION_NUMBER", "each operation on random shapes; `given` are axes and places", "torch.OPERATION")
    for case, (function, low, high) in UNARY.items():
        generator = random.Random(case)
        for number in range(3):
            name = f"{case}_{number}"
            gradient(out, name, function, out.uniform(f"{name}.x", shape(generator), low, high))
    for case in ("add", "sub", "mul", "div", "pow", "rem", "maximum", "minimum"):
        generator = random.Random(case)
        for number in range(2 * COUNT):
            name = f"{case}_{number}"
            result = shape(generator)
            shapes = [result, part(generator, result)]
            generator.shuffle(shapes)
            gradient(out, name, BINARY[case][2], out.uniform(f"{name}.a", shapes[0], 0.2, 3), out.uniform(f"{name}.b", shapes[1], 0.3, 2))
    generator = random.Random("matmul")
    for number in range(2 * COUNT):
        name = f"matmul_{number}"
        m, k, n = (generator.choice([1, 2, 3, 5, 9]) for _ in range(3))
        outer = shape(generator, 0, 2)
        while torch.Size(outer).numel() > 12:
            outer = shape(generator, 0, 2)
        shapes = [outer, part(generator, outer)]
        generator.shuffle(shapes)
        a, b = out.uniform(f"{name}.a", [*shapes[0], m, k], -1, 1), out.uniform(f"{name}.b", [*shapes[1], k, n], -1, 1)
        gradient(out, name, torch.matmul, a, b)
    generator = random.Random("concat")
    for number in range(COUNT):
        name = f"concat_{number}"
        first = shape(generator, 1)
        axis = generator.randrange(len(first))
        second = [generator.choice([1, 2, 5]) if place == axis else length for place, length in enumerate(first)]
        gradient(out, name, lambda a, b, axis=axis: torch.cat((a, b), axis), out.uniform(f"{name}.a", first), out.uniform(f"{name}.b", second))
        out.store(f"{name}.given", torch.tensor([axis]))
    generator = random.Random("arrangements")
    for number in range(COUNT):
        lengths = shape(generator, 1)
        for case, (given, function) in arrangements(generator, lengths).items():
            name = f"{case}_{number}"
            gradient(out, name, function, out.uniform(f"{name}.x", lengths))
            if given:
                out.store(f"{name}.given", torch.tensor(given))
