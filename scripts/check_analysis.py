#!/usr/bin/env python3
"""Runs every line that docs/analysis.md and the README's "Open the results" show, on a result made for it.

    scripts/check_analysis.py [PROGRAM]        .build/release/optbench by default

Makes a virtual environment in .build_venv-analysis/ the first time. A block of a language that is not
installed is skipped with a line that says so; in continuous integration all are. Exit code 0: every block
ran and said something; 1: one did not, with its error; 2: the check itself could not run.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".build_venv-analysis"
PACKAGES = ["h5py", "h5netcdf", "netCDF4", "xarray", "pandas", "matplotlib"]
# What the README shows to be read rather than printed.
SHOWN = re.compile(r"^## Open the results$(.*?)^## ", re.MULTILINE | re.DOTALL)
SMALL = ["--seeds", "3", "--set", "budget.gradient_evaluations=300"]


def environment():
    python = ENVIRONMENT / "bin" / "python"
    test = [str(python), "-c", "import " + ", ".join(PACKAGES)]
    if not python.exists() or subprocess.run(test, capture_output=True).returncode != 0:
        print(f"making {ENVIRONMENT} with {', '.join(PACKAGES)}", flush=True)
        try:
            venv.create(ENVIRONMENT, with_pip=True, clear=True)
            subprocess.run(
                [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"check_analysis: cannot make {ENVIRONMENT}: {error}", file=sys.stderr)
            sys.exit(2)
    return str(python)


def blocks(text):
    """The fenced blocks with their languages and the line at which each begins."""
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match[1], match[2], text[: match.start()].count("\n") + 1


def main():
    program = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release/optbench").resolve())
    python = environment()
    commands = {
        "python": [python, "-c"], "r": ["Rscript", "-e"], "octave": ["octave-cli", "--norc", "--eval"],
        "sh": ["bash", "-euo", "pipefail", "-c"],
    }
    shown = SHOWN.search((ROOT / "README.md").read_text())
    sources = [("docs/analysis.md", (ROOT / "docs/analysis.md").read_text(), True), ("README.md", shown[1], False)]
    failed, ran, skipped = 0, 0, set()
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT / "experiments", f"{folder}/experiments")
        bin_folder = f"{folder}/bin"
        os.mkdir(bin_folder)
        os.symlink(program, f"{bin_folder}/optbench")
        place = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
        for name, text, must_speak in sources:
            for language, code, line in blocks(text):
                command = commands.get(language)
                if command is None:
                    continue
                if shutil.which(command[0]) is None:
                    skipped.add(command[0])
                    continue
                code = code.replace(".build/release/optbench", "optbench")
                code = re.sub(r"(optbench run \S+)", rf"\1 {' '.join(SMALL)} --quiet", code)
                done = subprocess.run([*command, code], cwd=folder, env=place, capture_output=True, text=True)
                ran += 1
                if done.returncode != 0 or (must_speak and not done.stdout and "savefig" not in code):
                    failed += 1
                    print(f"{name}: the {language} block at line {line}: exit {done.returncode}\n{done.stderr}", file=sys.stderr)
                elif "--verbose" in sys.argv:
                    print(done.stdout)
        picture = pathlib.Path(folder, "results/rosenbrock/loss.png")
        if not picture.exists() or picture.stat().st_size < 5000:
            failed += 1
            print("docs/analysis.md: the chart was not drawn", file=sys.stderr)
        elif "--keep" in sys.argv:
            shutil.copy(picture, "/tmp/loss.png")
    print(f"{ran} blocks ran, {failed} failed" + (f"; not installed: {', '.join(sorted(skipped))}" if skipped else ""))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
