"""Reads the weights that the example `pytorch-weights` has written, trains on with PyTorch, and writes them for it to read.

    python 04-pytorch-weights.py [to-pytorch.safetensors [from-pytorch.safetensors]]

Needs torch and safetensors.
"""

import csv
import gzip
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn


class Net(nn.Module):
    """The model of 04-pytorch-weights.rs."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 32)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        return self.fc2(self.relu(self.fc1(x)))


def main():
    """Loads, compares, trains, saves."""
    source, target = (sys.argv[1:] + ["to-pytorch.safetensors", "from-pytorch.safetensors"][len(sys.argv) - 1:])[:2]
    net = Net()
    net.load_state_dict(load_file(source))  # strict: every name and every shape fits
    with torch.no_grad():
        image = (torch.arange(64) % 17) / 16
        print("the outputs for an image of x[i] = (i % 17) / 16:", [round(y, 5) for y in net(image).tolist()])

    digits = pathlib.Path(__file__).parent.parent / "data" / "digits.csv.gz"
    with gzip.open(digits, "rt") as lines:
        table = torch.tensor([[float(field) for field in line] for line in csv.reader(lines)])
    x, y = table[:, :64] / 16, table[:, 64].long()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(20):
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"after 20 steps on all digits: loss {loss.item():.4f}")
    save_file(net.state_dict(), target)
    print(f"written to {target}")


if __name__ == "__main__":
    main()
