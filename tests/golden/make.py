"""Writes the golden files: what PyTorch computes, in float64, for the library to be compared with.

    python3 -m venv target/golden-venv
    target/golden-venv/bin/pip install -r tests/golden/requirements.txt
    target/golden-venv/bin/python tests/golden/make.py           # writes the files and the tables of README.md
    target/golden-venv/bin/python tests/golden/make.py --check   # compares them with the committed ones, writes nothing

It needs no GPU. The inputs have fixed seeds and are f32 numbers; all else follows from them, in float64. It also
runs every case in float32 and prints the largest deviation, |f32 - f64| / max(1, |f64|): what f32 can be held to.
"""

import argparse
import pathlib
import sys
import warnings

import torch
from safetensors.torch import load_file, save_file

import forward
import geometry
import images
import layers
import losses
import models
import optimizers
import shapes
import tensors
from recorder import Recorder

HERE = pathlib.Path(__file__).resolve().parent
FAMILIES = {"layers": layers, "images": images, "geometry": geometry, "losses": losses, "optimizers": optimizers, "models": models,
            "forward": forward, "tensors": tensors, "shapes": shapes}
TABLES_START = "<!-- The tables below are written by make.py. -->\n"


def computed(family, dtype):
    """A recorder with all cases of a family."""
    out = Recorder(dtype)
    FAMILIES[family].record(out)
    for name, tensor in out.tensors.items():
        assert torch.isfinite(tensor).all(), f"{name} is not finite"
    return out


def deviation(actual, expected):
    """(max |a - e| / max(1, |e|), name) over tensors of the same names and shapes."""
    worst = (0.0, "")
    for name, tensor in expected.items():
        a, e = actual[name].double(), tensor.double()
        assert a.shape == e.shape, f"{name} is {list(a.shape)}, not {list(e.shape)}"
        relative = ((a - e).abs() / e.abs().clamp(min=1.0)).max().item()
        if not relative <= worst[0]:  # so that NaN counts as worst
            worst = (relative, name)
    return worst


def state_dict(out):
    """The model's parameters under their own names, in f32, as PyTorch would save them."""
    prefix = "mlp.param."
    return {n[len(prefix):]: t.to(torch.float32) for n, t in out.tensors.items() if n.startswith(prefix)}


def tables(recorders):
    """One table a family: case, formula, PyTorch call, tensors with shapes."""
    text = []
    for family, out in recorders.items():
        text.append(f"\n## {family}.safetensors\n\n| case | formula | PyTorch | tensors |\n| --- | --- | --- | --- |\n")
        for case, formula, call in out.rows:
            shown = f"`{call}`" if call else ""
            text.append(f"| `{case}` | {formula} | {shown} | {out.shapes(case)} |\n")
    return "".join(text)


def check(files):
    """Compares with the committed files; the last bits may differ from one processor to another."""
    failed = False
    for name, tensors in files.items():
        committed = load_file(HERE / f"{name}.safetensors")
        if committed.keys() != tensors.keys():
            print(f"{name}: other tensors: {sorted(committed.keys() ^ tensors.keys())}")
            failed = True
            continue
        worst, tensor = deviation(tensors, committed)
        print(f"{name}: {len(tensors)} tensors, largest deviation from the committed file {worst:.1e} {tensor}")
        failed |= not worst <= 1e-12
    return 1 if failed else 0


def main():
    """Parses the command line and writes or checks."""
    parser = argparse.ArgumentParser(description="Writes the golden files.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files instead of writing")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    # kl_div with "mean" warns that it divides by all elements: that is what the case records.
    warnings.filterwarnings("ignore", message="reduction: 'mean' divides")
    recorders = {family: computed(family, torch.float64) for family in FAMILIES}
    files = {family: out.tensors for family, out in recorders.items()}
    files["mlp_weights"] = state_dict(recorders["models"])
    if arguments.check:
        return check(files)
    for name, tensors in files.items():
        path = HERE / f"{name}.safetensors"
        save_file(tensors, path)
        print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes")
    for family, out in recorders.items():
        worst, tensor = deviation(computed(family, torch.float32).tensors, out.tensors)
        print(f"{family} in f32: largest deviation {worst:.1e} ({tensor})")
        assert worst <= 1e-6, "the case is too ill-conditioned to compare f32 with"
    readme = HERE / "README.md"
    head, marker, _ = readme.read_text(encoding="utf-8").partition(TABLES_START)
    assert marker, f"README.md has lost its line {TABLES_START!r}"
    readme.write_text(head + marker + tables(recorders), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
