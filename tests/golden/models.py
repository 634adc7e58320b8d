"""A whole model: logits, loss, gradients, and the parameters after ten steps of Adam on one batch."""

import torch
from torch import nn, optim
from torch.nn import functional

SIZES = (64, 32, 16, 10)
BATCH = 5
STEPS = 10


class Mlp(nn.Module):
    """fc1, relu, fc2, relu, ..: the last layer gives the logits. Parameters are named fc1.weight [out, in], fc1.bias, .."""

    def __init__(self, sizes=SIZES):
        super().__init__()
        self.layers = len(sizes) - 1
        for index in range(self.layers):
            setattr(self, f"fc{index + 1}", nn.Linear(sizes[index], sizes[index + 1]))

    def forward(self, x):
        for index in range(1, self.layers):
            x = torch.relu(getattr(self, f"fc{index}")(x))
        return getattr(self, f"fc{self.layers}")(x)


def record(out):
    """The case `mlp`."""
    out.case("mlp", "fc3(relu(fc2(relu(fc1(x))))), mean cross-entropy; `loss` before each step, `after` ten steps",
             "F.cross_entropy; optim.Adam(lr=1e-3)")
    model = Mlp().to(out.dtype)
    out.fill("mlp", model)
    x = out.uniform("mlp.x", (BATCH, SIZES[0]), 0.0, 1.0)
    target = torch.tensor([3, 0, 9, 5, 3])
    out.store("mlp.x", x)
    out.store("mlp.target", target)
    for name, parameter in model.named_parameters():
        out.store(f"mlp.param.{name}", parameter)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        logits = model(x)
        loss = functional.cross_entropy(logits, target)
        loss.backward()
        losses.append(loss.detach())
        if step == 0:
            out.store("mlp.logits", logits)
            for name, parameter in model.named_parameters():
                out.store(f"mlp.grad.{name}", parameter.grad)
        optimizer.step()
    out.store("mlp.loss", torch.stack(losses))
    for name, parameter in model.named_parameters():
        out.store(f"mlp.after.{name}", parameter)
