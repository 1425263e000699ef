#!/usr/bin/env python3
"""Makes a result of 20,000 runs of 500 steps in two parts, merges, checks, reports and opens it, and measures each.

    scripts/check_scale.py [PROGRAM] [--seeds N] [--output FILE.md]

A report may take 20 seconds and a gigabyte; exit code 1 if it takes more. With --output it writes the table, with
what a million runs would take, into the part of FILE.md between the lines "<!-- scale -->" and "<!-- /scale -->".
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from check_analysis import environment

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXPERIMENT = """
optbench: 1
name: scale
problems: [rosenbrock-2d]
optimizers: [sgd, momentum, nesterov, rmsprop, adam, adamw, adagrad, adamax, nadam, radam]
clipping: [none, {name: value, max_value: 1}, per-tensor-norm, global-norm]
learning_rate: [0.0001, 0.001, 0.01, 0.1, 1]
seeds: 100
budget: {steps: 500}
evaluate: {every: 50}
"""
READ = """
import sys, xarray as xr
runs = xr.open_dataset(sys.argv[1], group="rosenbrock-2d")
print(runs.sizes["run"], float(runs.loss.isel(step=-1).median()), (runs.outcome != "completed").groupby("clipping").mean().to_pandas().to_dict())
"""


def measured(command, **options):
    """The seconds and the most bytes of a process."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    errors = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"check_scale: {' '.join(map(str, command))}: {errors.strip()}")
    return time.monotonic() - start, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?", default=ROOT / ".build/release/optbench")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--output")
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    python = environment()
    half = arguments.seeds // 2
    runs = 200 * arguments.seeds
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/scale.yml"
        pathlib.Path(file).write_text(EXPERIMENT)
        common = ["--max-runs", "100000", "--quiet"]
        for part, seeds in (("a", f"0-{half - 1}"), ("b", f"{half}-{arguments.seeds - 1}")):
            command = [program, "run", file, "--seeds", seeds, "--output", f"{folder}/{part}.h5", *common]
            rows.append((f"train {runs // 2:,} runs", *measured(command)))
        result = f"{folder}/scale.h5"
        rows.append(("merge two halves", *measured([program, "merge", f"{folder}/a.h5", f"{folder}/b.h5", "--output", result])))
        rows.append(("verify", *measured([program, "verify", result])))
        rows.append(("report", *measured([program, "report", result, "--output", f"{folder}/report"])))
        rows.append(("watch --once", *measured([program, "watch", result, "--once"])))
        rows.append(("open in xarray, median of the last losses", *measured([python, "-c", READ, result])))
        size = os.path.getsize(result)
        shutil.rmtree(f"{folder}/report")
    cores = os.cpu_count()
    lines = [
        f"Measured on {runs:,} runs of 500 steps of Rosenbrock's function, {cores} cores; the result has {size / 1e6:,.0f} MB. The right half is the same times "
        f"{1e6 / runs:.0f}: a result of {size / runs / 1e3:,.0f} GB. Training is the part that shards; its memory would not grow so (a run is let go of "
        "once it is kept).", "",
        f"| | seconds | MB of memory | 1,000,000 runs: | GB of memory |", "|---|---|---|---|---|"]
    training = [row for row in rows if row[0].startswith("train")]
    shown = [("train them", sum(row[1] for row in training), max(row[2] for row in training))] + rows[len(training):]
    for name, seconds, memory in shown:
        factor = 1e6 / runs
        whole = f"{seconds * factor / 60:.0f} min" if seconds * factor > 600 else f"{seconds * factor:.0f} s"
        lines.append(f"| {name} | {seconds:.1f} | {memory / 1e6:.0f} | {whole} | {memory * factor / 1e9:.0f} |")
    text = "\n".join(lines)
    print(text)
    if arguments.output:
        page = pathlib.Path(arguments.output)
        old = page.read_text()
        new = re.sub(r"(<!-- scale -->\n).*?(<!-- /scale -->)", lambda m: m[1] + text + "\n" + m[2], old, flags=re.DOTALL)
        if new == old and text not in old:
            sys.exit(f"check_scale: {page} has no place for the table")
        page.write_text(new)
    seconds, memory = next((seconds, memory) for name, seconds, memory in rows if name == "report")
    if runs >= 20000 and (seconds > 20 or memory > 2**30):
        print(f"check_scale: a report may take 20 s and 1 GB, and took {seconds:.1f} s and {memory / 2**30:.2f} GB", file=sys.stderr)
        sys.exit(1)


main()
