#!/usr/bin/env python3
"""Runs every program of docs/bridges.md, section by section, as a reader would copy them.

    scripts/check_bridges.py [--program .build/release/optbench] [--install] [SECTION…]

A block whose first line is a comment with a file's name becomes that file; blocks of shell commands
are run in the section's folder, with the package of python/ importable as if it had been installed. Then
come the package's own tests, mypy where it is installed, experiments/external-torch.yml cut short, and scripts/check_external.py.
Sections that import a framework which this Python does not have are skipped, with a line each. NumPy,
which all need, is installed into .build_venv-bridges/ where this Python lacks it; with --install the frameworks are
too, as far as there are wheels for processors alone.
"""
import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".build_venv-bridges"
FRAMEWORKS = ["torch", "jax", "keras", "lightning", "transformers", "optax", "numpy"]


def sections(page):
    for part in re.split(r"^## ", page, flags=re.M)[1:]:
        title, _, text = part.partition("\n")
        yield title, re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.M | re.S)


def missing(blocks):
    """The frameworks that a section needs and this Python lacks."""
    code = "\n".join(text for kind, text in blocks if kind == "python")
    used = [name for name in FRAMEWORKS if re.search(rf"^\s*(import|from) {name}\b", code, flags=re.M)]
    if re.search(r"import optbench", code):
        used.append("numpy")
    return sorted({name for name in used if importlib.util.find_spec(name) is None})


def run(title, blocks, program):
    with tempfile.TemporaryDirectory(prefix="optbench-bridges-") as folder:
        commands = []
        for kind, text in blocks:
            name = re.match(r"(?:#|//) ([\w.-]+\.\w+)\n", text)
            if kind == "sh":
                commands.append(text)
            elif name:
                (Path(folder) / name[1]).write_text(text)
        if not commands:
            return True
        tools = Path(folder) / ".tools"
        tools.mkdir()
        (tools / "optbench").symlink_to(program)
        for name in ["python", "python3"]:
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
            (tools / name).chmod(0o755)
        environment = {
            **os.environ, "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "python" / "src"), "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(commands)], cwd=folder, env=environment,
            capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            print(f"FAILED: {title}: code {done.returncode}\n{done.stdout}{done.stderr}")
            return False
        print(f"ran: {title}")
        return True


def rest(program):
    """Everything else that needs Python."""
    environment = {**os.environ, "OPTBENCH": str(program), "PYTHONPATH": str(ROOT / "python/src")}
    commands = [[sys.executable, "-W", "ignore", "-m", "unittest", "discover", "-s", "python/tests"],
                [sys.executable, "scripts/check_external.py", "--program", str(program)]]
    if importlib.util.find_spec("torch") and importlib.util.find_spec("h5py"):
        commands.append([sys.executable, "scripts/check_torch_export.py", str(program)])
    if importlib.util.find_spec("mypy"):
        commands.append([sys.executable, "-m", "mypy", "--config-file", "python/pyproject.toml", "python/src"])
    if importlib.util.find_spec("torch"):
        with tempfile.TemporaryDirectory() as folder:
            environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
            commands.append([
                str(program), "run", "experiments/external-torch.yml", "--seeds", "1", "--quiet",
                "--set", "budget.gradient_evaluations=6", "--set", "tuning.seeds=1", "--set", "tuning.rates=5",
                "--output", f"{folder}/external-torch.h5"])
            return all([called(command, environment) for command in commands])
    print("skipped: experiments/external-torch.yml: this Python has no torch")
    return all([called(command, environment) for command in commands])


def called(command, environment):
    done = subprocess.run(command, cwd=ROOT, env=environment)
    if done.returncode != 0:
        print(f"FAILED: {' '.join(command)}: code {done.returncode}")
    return done.returncode == 0


# Each is tried for itself. PyTorch first, without the wheels for graphics cards, which have gigabytes.
INSTALLED = [
    ["numpy", "h5py"], ["torch==2.13.0+cpu"], ["torch", "--index-url", "https://download.pytorch.org/whl/cpu"],
    ["jax", "optax"], ["keras"], ["lightning"], ["transformers"], ["mypy"],
]


def enter_environment(installs):
    """Goes on in an environment of its own where this Python has no NumPy, or where frameworks are to be installed."""
    if sys.prefix == str(ENVIRONMENT) or (importlib.util.find_spec("numpy") and not installs):
        return
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"]
    subprocess.run([*pip, "numpy"], check=True)
    end = time.monotonic() + 300
    for packages in INSTALLED if installs else []:
        has_torch = (ENVIRONMENT / "lib").exists() and any((ENVIRONMENT / "lib").glob("python*/site-packages/torch/version.py"))
        # What needs PyTorch would bring the large wheels with it.
        if packages[0] in ("torch", "lightning") and has_torch == (packages[0] == "torch"):
            continue
        try:
            done = subprocess.run([*pip, *packages], capture_output=True, text=True, timeout=max(5, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"not installed: {packages[0]}: it took too long", flush=True)
            continue
        if done.returncode != 0:
            print(f"not installed: {packages[0]}: {(done.stderr.strip().splitlines() or ['?'])[-1]}", flush=True)
    os.execv(python, [python, *sys.argv])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / ".build/release/optbench", type=Path)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("sections", nargs="*")
    options = parser.parse_args()
    if not options.program.exists():
        raise SystemExit(f"check_bridges: {options.program} is missing; run 'make build'")
    enter_environment(options.install)
    page = (ROOT / "docs/bridges.md").read_text()
    passed = True
    for title, blocks in sections(page):
        if options.sections and title not in options.sections:
            continue
        lacking = missing(blocks)
        if lacking:
            print(f"skipped: {title}: this Python has no {', '.join(lacking)}")
            continue
        passed = run(title, blocks, options.program.resolve()) and passed
    if not options.sections:
        passed = rest(options.program.resolve()) and passed
    raise SystemExit(0 if passed else 1)


if __name__ == "__main__":
    main()
