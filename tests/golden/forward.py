"""Forward functions: networks that are more than a chain. Values, and gradients by every input and parameter."""

import math

import torch
from torch import nn
from torch.nn import functional

BATCH = 3


class Attention(nn.Module):
    """A transformer's block: one head of attention, then an MLP, each beside a residual."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(6, 5, bias=False) for _ in range(3))
        self.out, self.up, self.down = nn.Linear(5, 6), nn.Linear(6, 9), nn.Linear(9, 6)

    def forward(self, x):
        attended = functional.scaled_dot_product_attention(self.query(x), self.key(x), self.value(x))
        h = x + self.out(attended)
        return h + self.down(functional.gelu(self.up(h)))


class Gated(nn.Module):
    """Two gated units, SwiGLU and GLU, added."""

    def __init__(self):
        super().__init__()
        self.gate, self.up, self.down = nn.Linear(5, 7), nn.Linear(5, 7), nn.Linear(7, 3)
        self.both = nn.Linear(5, 6)

    def forward(self, x):
        return self.down(functional.silu(self.gate(x)) * self.up(x)) + functional.glu(self.both(x), dim=-1)


class Tower(nn.Module):
    """One tower of two."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(7, 5), nn.Linear(5, 4)

    def forward(self, x):
        return torch.tanh(self.fc2(torch.tanh(self.fc1(x))))


class Towers(nn.Module):
    """A siamese pair: one tower reads both inputs; cosine, distance, and a score of what differs."""

    def __init__(self):
        super().__init__()
        self.tower, self.head = Tower(), nn.Linear(8, 2)

    def forward(self, left, right):
        a, b = self.tower(left), self.tower(right)
        score = self.head(torch.cat([(a - b).abs(), a * b], dim=1))
        return functional.cosine_similarity(a, b), functional.pairwise_distance(a, b, eps=0.0), score


class ResidualBlock(nn.Module):
    """`x + fc2(relu(fc1(x)))`."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(5, 7), nn.Linear(7, 5)

    def forward(self, x):
        return x + self.fc2(torch.relu(self.fc1(x)))


class ResidualMlp(nn.Module):
    """Three residual blocks between two linear layers."""

    def __init__(self):
        super().__init__()
        self.first, self.head = nn.Linear(6, 5), nn.Linear(5, 3)
        self.blocks = nn.ModuleList(ResidualBlock() for _ in range(3))

    def forward(self, x):
        h = self.first(x)
        for block in self.blocks:
            h = block(h)
        return self.head(h)


class Expert(nn.Module):
    """One expert of two."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(4, 5), nn.Linear(5, 3)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


class Experts(nn.Module):
    """A mixture of two experts, weighted by a gate."""

    def __init__(self):
        super().__init__()
        self.gate, self.first, self.second = nn.Linear(4, 2), Expert(), Expert()

    def forward(self, x):
        gate = torch.softmax(self.gate(x), dim=-1)
        return torch.einsum("bn,bnd->bd", gate, torch.stack([self.first(x), self.second(x)], dim=1))


class Tied(nn.Module):
    """An autoencoder whose decoder is its encoder, transposed."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(3, 6))
        self.hidden, self.visible = nn.Parameter(torch.empty(3)), nn.Parameter(torch.empty(6))

    def forward(self, x):
        code = torch.sigmoid(functional.linear(x, self.weight, self.hidden))
        return functional.linear(code, self.weight.t(), self.visible)


class ActorCritic(nn.Module):
    """Two inputs of different ranks, two outputs of different shapes, a trunk that both outputs share."""

    def __init__(self):
        super().__init__()
        self.look, self.feel = nn.Linear(5, 4), nn.Linear(4, 3)
        self.trunk, self.actor, self.critic = nn.Linear(7, 6), nn.Linear(6, 5), nn.Linear(6, 1)

    def forward(self, seen, felt):
        looked = torch.tanh(self.look(seen)).mean(dim=1)
        h = torch.relu(self.trunk(torch.cat([looked, torch.tanh(self.feel(felt))], dim=1)))
        return torch.log_softmax(self.actor(h), dim=-1), self.critic(h)


class Operators(nn.Module):
    """Every operator, and every function of one number, of edges and of parameters."""

    def __init__(self):
        super().__init__()
        self.fc, self.scale, self.shift = nn.Linear(7, 7), nn.Parameter(torch.empty(7)), nn.Parameter(torch.empty(2, 1))

    def forward(self, x):
        h = self.scale * self.fc(x) + self.shift
        a = torch.relu(h) + functional.leaky_relu(x, 0.01) - torch.sigmoid(h) * torch.tanh(x)
        b = functional.gelu(a) - functional.gelu(h, approximate="tanh") / (functional.silu(a) + 4.0)
        c = functional.elu(b) * functional.softplus(a) - torch.exp(-h.square())
        d = torch.log(c.square() + 1.5) + torch.sqrt(a.abs() + 1.0) - (h.square() + 1.0).reciprocal()
        e = 2.0 / (1.5 + d.square()) - (3.0 - b) * 0.25 + (a / 8.0) ** 3 - (d.square() + 1.0) ** 0.2
        return e + (b.square() + 1.0) ** -2.0 - c * 0.5


class Detached(nn.Module):
    """Values that are passed on without their gradient: of an edge, and of one of two uses of a layer."""

    def __init__(self):
        super().__init__()
        self.fc, self.gate = nn.Linear(5, 4), nn.Linear(5, 4)

    def forward(self, x):
        h = self.fc(x)
        target = self.fc(x * 2.0).detach()
        return (h - target).square() * torch.sigmoid(self.gate(x)) + h.detach() * x[:, 1:5]


class Arranged(nn.Module):
    """Every way to arrange an edge, and every reduction; the largest of equals is the first."""

    def __init__(self):
        super().__init__()
        self.fc, self.table = nn.Linear(6, 6), nn.Parameter(torch.empty(2, 3, 4))

    def forward(self, x):
        h = self.fc(x)
        a, b, c = h.chunk(3, dim=2)
        mixed = torch.stack([a.transpose(1, 2), b.permute(0, 2, 1), c.mT], dim=2)
        mixed = torch.matmul(mixed, self.table.transpose(1, 2)) + self.table.sum(dim=2)[:, None, :]
        ties = torch.relu(mixed).max(dim=2).values
        flat = torch.cat([mixed.flatten(1), h[:, 1:3, 2:5].reshape(-1, 6), ties.flatten(1)], dim=1)
        rows = flat.reshape(-1, 5, 6)[:, :, 1:6]
        best = rows.max(dim=2).values[:, :3]
        parts = [rows.mean(dim=1), torch.cat([best, best], dim=1)[:, :5], rows.sum(dim=1)]
        total = torch.stack(parts, dim=2) * rows.mean(dim=(1, 2))[:, None, None]
        return total + torch.softmax(total, dim=-1) + rows.flatten(1).max(dim=1).values[:, None, None]


def fill(out, case, module):
    """As `Recorder.fill`; a parameter of the module's own lies in +-1/sqrt(n) of its last axis."""
    for name, parameter in module.named_parameters():
        owner = module.get_submodule(name.rpartition(".")[0])
        bound = 1 / math.sqrt(getattr(owner, "in_features", parameter.shape[-1]))
        parameter.data = out.uniform(f"{case}.param.{name}", parameter.shape, -bound, bound)


def numbered(name, tensors):
    """`x` for one tensor, `x.0`, `x.1`, .. for several."""
    return {name: tensors[0]} if len(tensors) == 1 else {f"{name}.{i}": t for i, t in enumerate(tensors)}


def network(out, case, formula, module, *shapes):
    """One case: y = module(x), then the gradients of the sum over all outputs of sum(dy * y)."""
    out.case(case, formula, f"forward.{type(module).__name__}")
    fill(out, case, module)
    inputs = numbered("x", shapes)
    inputs = {name: out.uniform(f"{case}.{name}", (BATCH, *shape)).requires_grad_() for name, shape in inputs.items()}
    outputs = module(*inputs.values())
    outputs = numbered("y", outputs if isinstance(outputs, tuple) else (outputs,))
    upstream = {f"d{name}": out.uniform(f"{case}.d{name}", y.shape) for name, y in outputs.items()}
    torch.autograd.backward(list(outputs.values()), list(upstream.values()))
    gradients = {f"d{name}": x.grad for name, x in inputs.items()}
    for name, tensor in (inputs | outputs | upstream | gradients).items():
        out.store(f"{case}.{name}", tensor)
    for name, parameter in module.named_parameters():
        out.store(f"{case}.param.{name}", parameter)
        out.store(f"{case}.grad.{name}", parameter.grad)


def record(out):
    """All cases."""
    network(out, "attention", "h = x + out(softmax(q kᵀ/√5) v); y = h + down(gelu(up(h)))", Attention(), (4, 6))
    network(out, "gated", "y = down(silu(gate(x)) · up(x)) + glu(both(x))", Gated(), (5,))
    network(out, "towers", "a, b = tower(left), tower(right); (a·b/(‖a‖‖b‖), ‖a-b‖, head([abs(a-b), a b]))",
            Towers(), (7,), (7,))
    network(out, "residual_mlp", "h = first(x); three times h += fc2(relu(fc1(h))); y = head(h)", ResidualMlp(), (6,))
    network(out, "experts", "y = Σ softmax(gate(x))ᵢ expertᵢ(x), experts fc2(tanh(fc1(x)))", Experts(), (4,))
    network(out, "tied", "y = σ(x Wᵀ + hidden) W + visible", Tied(), (6,))
    network(out, "actor_critic",
            "h = relu(trunk([mean tanh(look(seen)), tanh(feel(felt))])); (log_softmax(actor(h)), critic(h))",
            ActorCritic(), (3, 5), (4,))
    network(out, "operators", "every operator, every function of one number", Operators(), (2, 7))
    network(out, "detached", "h = fc(x); y = (h - stop(fc(2 x)))² σ(gate(x)) + stop(h) x[1..5], stop(z) = z with gradient 0",
            Detached(), (5,))
    network(out, "arranged", "every arrangement, every reduction", Arranged(), (4, 6))
