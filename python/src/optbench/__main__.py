"""`python -m optbench` and the command `optbench` of a wheel: the program itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Optional


def find_program() -> Optional[str]:
    """The program of the wheel, or else the first on the PATH that is not this script."""
    program = Path(__file__).parent / "program" / "optbench"
    if program.exists():
        return str(program)
    script = os.path.realpath(sys.argv[0])
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        found = os.path.join(folder, "optbench")
        if os.access(found, os.X_OK) and os.path.isfile(found) and os.path.realpath(found) != script:
            return found
    return None


def main() -> None:
    """Goes on as the program."""
    found = find_program()
    if found is None:
        sys.exit("optbench: this installation has no program: install a wheel that 'make wheel' built, or put one on the PATH")
    os.execv(found, [found, *sys.argv[1:]])


if __name__ == "__main__":
    main()
