#!/usr/bin/env bash
# Checks the syntax of the shell and Python scripts and, where there is Node, of the pages' scripts; with
# shellcheck, where there is one, also the habits of the former.
set -euo pipefail
cd "$(dirname "$0")/.."

shopt -s nullglob
shell_scripts=(scripts/*.sh .ci/run)
python_scripts=(scripts/*.py scripts/oracles/*.py scripts/peers/*.py)

for script in "${shell_scripts[@]}"; do
  bash -n "$script"
  [[ -x $script ]] || {
    echo "lint: $script is not executable; chmod +x it" >&2
    exit 1
  }
done
if command -v shellcheck >/dev/null; then shellcheck "${shell_scripts[@]}"; fi
if ((${#python_scripts[@]})) && command -v python3 >/dev/null; then
  # Parses without leaving compiled files behind.
  python3 -c '
import ast, sys
for name in sys.argv[1:]:
    ast.parse(open(name, encoding="utf-8").read(), name)
' "${python_scripts[@]}"
fi
if command -v node >/dev/null; then
  # One script, as in the page.
  cat Sources/Reports/Page/page.js Sources/Reports/Page/runs.js | node --check -
fi
