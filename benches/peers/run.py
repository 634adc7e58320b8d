#!/usr/bin/env python3
"""Measures nanotorch and its peers, interleaved, and writes benches/RESULTS.md and benches/RESULTS.svg.

    python3 benches/peers/run.py [--rounds 3] [--secs 4] [--threads 1,2] [--workloads mlp-tiny,gemm] [--without burn,JAX]

Sets up what is missing first: a virtual environment with PyTorch and JAX, and the programs of the Rust libraries, each built
for this machine as its own documentation says. A peer that can't be had is named in the results with the reason.
`--python NAME=PATH` takes an interpreter that has NAME (PyTorch, JAX) already.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

from chart import chart

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / "target" / "peers"
WORKLOADS = ["mlp-tiny", "mlp-mnist", "cnn-lenet", "cnn-deep", "cnn-norm", "convolutions", "gemm", "elementwise", "optimizer", "tensor", "build"]
RUST = {"candle": ["candle"], "burn": ["burn"], "dfdx": ["dfdx"], "products": ["gemm", "faer", "matrixmultiply"]}
PYTHON = {"PyTorch": ("torch", "pytorch.py"), "JAX": ("jax", "jax_peer.py")}
PEERS = ["nanotorch", "nanotorch AVX2", "PyTorch", "PyTorch channels last", "PyTorch frozen", "JAX", "candle", "burn", "dfdx", "gemm", "faer", "matrixmultiply"]


def call(command, **more):
    return subprocess.run(command, text=True, capture_output=True, check=False, **more)


def set_up(options):
    """The commands of the programs that can be had, their versions, and why others can't."""
    commands, versions, missing = {}, {}, {}
    skip = set(options.without.split(","))
    built = call(["cargo", "build", "--release", "--package", "nanotorch-benches"], cwd=ROOT)
    if built.returncode:
        sys.exit(built.stderr)
    program = str(ROOT / "target" / "release" / "nanotorch-benches")
    commands["nanotorch"] = [program]
    versions["nanotorch"] = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    if "avx512f" in processor()[1]:
        commands["nanotorch AVX2"] = [program, "--isa", "avx2"]
    for name in RUST:
        if name in skip:
            continue
        print(f"building {name}", file=sys.stderr)
        environment = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
        built = call(["cargo", "build", "--release"], cwd=HERE / "rust" / name, env=environment)
        if built.returncode:
            reasons = [line for line in built.stderr.splitlines() if line.startswith("error")]
            missing[name] = reasons[0] if reasons else "it doesn't build"
            continue
        commands[name] = [str(TARGET / "release" / f"peer-{name}")]
        lock = (HERE / "rust" / name / "Cargo.lock").read_text()
        crates = {"candle": ["candle-core"], "products": RUST["products"]}.get(name, [name])
        for crate in crates:
            found = re.search(rf'name = "{crate}"\nversion = "([^"]+)"', lock)
            versions[crate.removesuffix("-core")] = found[1] if found else "?"
    given = dict(pair.split("=", 1) for pair in options.python)
    for name, (module, script) in PYTHON.items():
        if name in skip:
            continue
        interpreter = given.get(name)
        if not interpreter:
            environment = HERE / "venv"
            interpreter = str(environment / "bin" / "python")
            if not environment.exists():
                call([sys.executable, "-m", "venv", str(environment)])
            if call([interpreter, "-c", f"import {module}"]).returncode:
                print(f"installing {name}", file=sys.stderr)
                call([interpreter, "-m", "pip", "install", "--quiet", module, "numpy"])
        found = call([interpreter, "-c", f"import {module}; print({module}.__version__)"])
        if found.returncode:
            missing[name] = (found.stderr.strip().splitlines() or ["it can't be installed"])[-1]
            continue
        commands[name] = [interpreter, str(HERE / "python" / script)]
        versions[name] = found.stdout.strip()
    versions["Rust"] = call(["rustc", "--version"]).stdout.split()[1]
    return commands, versions, missing


def measure(options, commands):
    """{(workload, threads, metric): {peer: [a value a round]}}"""
    values = {}
    for number in range(options.rounds):
        for workload in options.workloads.split(","):
            for threads in map(int, options.threads.split(",")):
                if workload == "optimizer" and threads > 1 and "PyTorch" not in commands:
                    continue
                if workload == "tensor" and threads > 1:
                    # Tensors work on the thread that calls.
                    continue
                if workload == "build" and (number > 0 or threads > 1):
                    continue
                for name, command in commands.items():
                    if workload == "build" and name != "nanotorch":
                        continue
                    print(f"round {number + 1}: {workload}, {threads} threads, {name}", file=sys.stderr)
                    limits = {key: str(threads) for key in ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]}
                    arguments = [workload, "--threads", str(threads), "--secs", str(options.secs)]
                    output = call(command + arguments, env={**os.environ, **limits})
                    for line in output.stdout.splitlines():
                        fields = line.split(",")
                        if len(fields) != 5 or fields[0] != workload:
                            continue
                        peer = name if fields[1] == "nanotorch" else fields[1]
                        values.setdefault((workload, threads, fields[3]), {}).setdefault(peer, []).append(float(fields[4]))
    return values


def best(metric, values):
    if metric.endswith("_max"):
        return max(values)
    return min(values) if metric.endswith("_min") else statistics.median(values)


def processor():
    """Its name and the names of its features that matter here."""
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
        fields = dict(re.findall(r"^([^:\n\t]+)\s*: (.*)$", text, re.M))
        flags = fields.get("flags", "").split()
        return fields.get("model name", platform.machine()), [flag for flag in ["avx2", "fma", "avx512f"] if flag in flags]
    except OSError:
        return platform.processor() or platform.machine(), []


def number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def table(workload, threads, results, peers):
    rows = {metric: row for (name, count, metric), row in results.items() if (name, count) == (workload, threads)}
    if not rows:
        return []
    here = [peer for peer in peers if any(peer in row for row in rows.values())]
    lines = ["", f"### `{workload}`, {threads} thread{'s' if threads > 1 else ''}", ""]
    lines += ["| | " + " | ".join(here) + " | best peer over nanotorch |", "| --- |" + " ---: |" * (len(here) + 1)]
    for metric, row in rows.items():
        others = [value for peer, value in row.items() if not peer.startswith("nanotorch")]
        more = metric.endswith("_max")
        ratio = ""
        if others and row.get("nanotorch"):
            first = max(others) if more else min(others)
            ratio = f"{(row['nanotorch'] / first if more else first / row['nanotorch']):.2f}"
        cells = [number(row[peer]) if peer in row else "" for peer in here]
        lines.append(f"| `{metric}` | " + " | ".join(cells) + f" | {ratio} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=float, default=4.0)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--without", default="")
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--note", default="")
    options = parser.parse_args()
    commands, versions, missing = set_up(options)
    load_before = os.getloadavg()[0]
    values = measure(options, commands)
    load_after = os.getloadavg()[0]
    results = {key: {peer: best(key[2], list_) for peer, list_ in row.items()} for key, row in values.items()}
    name, features = processor()
    lines = [
        "# Results",
        "",
        "Made by `python3 benches/peers/run.py`, which says what is run; don't edit. The workloads and metrics are those of",
        f"`cargo run --release -p nanotorch-benches`. Each number is the best of {options.rounds} rounds (of medians the median), in",
        "which all libraries took turns. Ratios above 1 in the last column: nanotorch is ahead.",
        "",
        f"- Date: {datetime.date.today()}",
        f"- Machine: {name}, {os.cpu_count()} processors, {', '.join(features)}; load {load_before:.1f} before, {load_after:.1f} after",
        "- Versions: " + ", ".join(f"{peer} {version}" for peer, version in versions.items()),
    ]
    lines += [f"- Without {peer}: {reason}" for peer, reason in missing.items()]
    lines += [f"- {options.note}"] if options.note else []
    lines += ["", "![Training steps and products, relative to nanotorch](RESULTS.svg)"]
    for workload in options.workloads.split(","):
        for threads in map(int, options.threads.split(",")):
            lines += table(workload, threads, results, PEERS)
    (HERE.parent / "RESULTS.md").write_text("\n".join(lines) + "\n")
    (HERE.parent / "RESULTS.svg").write_text(chart(results, PEERS))
    json.dump([[*key, row] for key, row in results.items()], sys.stdout)
    print()


if __name__ == "__main__":
    main()
