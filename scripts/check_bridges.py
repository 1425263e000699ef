#!/usr/bin/env python3
"""Runs every program of docs/bridges.md, section by section, as a reader would copy them.

    scripts/check_bridges.py [--program .build/release/optbench] [SECTION…]

A block whose first line is a comment with a file's name becomes that file; blocks of shell commands
are run in the section's folder, with the package of python/ importable as if it had been installed. Then
come the package's own tests, mypy where it is installed, experiments/external-torch.yml cut short, and scripts/check_external.py.
Sections that import a framework which this Python does not have are skipped, with a line each. NumPy,
which all need, is installed into .build_venv-bridges/ where this Python lacks it.
"""
import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
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


def require_numpy():
    """Goes on in an environment of its own where this Python has no NumPy."""
    if importlib.util.find_spec("numpy"):
        return
    python = ENVIRONMENT / "bin" / "python"
    if sys.prefix != str(ENVIRONMENT):
        if not python.exists():
            venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "numpy"], check=True)
        os.execv(python, [python, *sys.argv])
    raise SystemExit("check_bridges: NumPy could not be installed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / ".build/release/optbench", type=Path)
    parser.add_argument("sections", nargs="*")
    options = parser.parse_args()
    if not options.program.exists():
        raise SystemExit(f"check_bridges: {options.program} is missing; run 'make build'")
    require_numpy()
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
