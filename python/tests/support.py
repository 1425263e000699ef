"""What the tests share: the program, and results as tables."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python" / "src"))

PROGRAM = Path(os.environ.get("OPTBENCH", ROOT / ".build/release/optbench"))
needs_program = unittest.skipUnless(PROGRAM.exists(), f"{PROGRAM} is missing; run 'make build'")


def optbench(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, timeout=300)


def imported(folder: str | Path, *options: object) -> list[dict[str, str]]:
    """The runs of a folder of journals, as the result's table has them."""
    with tempfile.TemporaryDirectory() as output:
        result = Path(output) / "x.h5"
        done = optbench("import", folder, "--output", result, *options)
        assert done.returncode == 0, done.stderr
        done = optbench("report", result, "--format", "csv", "--output", output)
        assert done.returncode == 0, done.stderr
        with open(Path(output) / "runs.csv", newline="") as table:
            return list(csv.DictReader(table))
