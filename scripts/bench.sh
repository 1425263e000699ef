#!/usr/bin/env bash
# Runs experiments and writes results/<name>.h5, results/<name>/report.md with its CSV, and the overview
# results/README.md.
#
#   scripts/bench.sh                      the default suite
#   scripts/bench.sh experiments/X.yml …  the given experiments
set -euo pipefail
cd "$(dirname "$0")/.."

optbench=.build/release/optbench
suite=(experiments/fashion-mnist-mlp.yml experiments/digits-depth.yml experiments/digits-cnn.yml
  experiments/rosenbrock.yml experiments/quadratic-deep.yml experiments/edge-of-stability.yml
  experiments/all-methods.yml experiments/temporal-order-short.yml experiments/char-transformer.yml)
(($#)) && suite=("$@")

[[ -x $optbench ]] || {
  echo "bench: $optbench is missing; run 'make build' first" >&2
  exit 2
}

# What is committed, before it is written over.
committed=$(mktemp -d)
trap 'rm -rf "$committed"' EXIT
for experiment in "${suite[@]}"; do
  name=$(basename "$experiment" .yml)
  if git cat-file -e "HEAD:results/$name" 2>/dev/null; then
    git archive HEAD "results/$name" | tar -x -C "$committed"
  fi
done

results=()
for experiment in "${suite[@]}"; do
  name=$(basename "$experiment" .yml)
  "$optbench" run "$experiment" --output "results/$name.h5" >/dev/null
  # What an earlier report wrote and this one may not.
  rm -rf "results/$name/figures" "results/$name/"*.csv
  results+=("results/$name.h5")
done
# One result has no overview: its report goes where the overview would link to.
if ((${#results[@]} == 1)); then
  "$optbench" report "${results[@]}" --output "${results[0]%.h5}"
else
  "$optbench" report "${results[@]}" --output results
fi

# Whether the committed numbers came out again.
for result in "${results[@]}"; do
  tables="$committed/${result%.h5}"
  [[ -d $tables ]] || {
    echo "bench: ${result%.h5}: nothing is committed to compare with"
    continue
  }
  if command -v python3 >/dev/null; then
    echo "bench: ${result%.h5}, compared with the committed tables:"
    python3 scripts/check_reproduction.py "$tables" "${result%.h5}"
  else
    echo "bench: python3 is missing; ${result%.h5} was not compared with the committed tables" >&2
  fi
done
