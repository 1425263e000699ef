#!/usr/bin/env bash
# Runs the gate's experiment and compares it with the committed baseline, statistically: machines
# round differently. What it writes goes to .build/gate/.
#
#   scripts/gate.sh             compare
#   scripts/gate.sh baseline    make the baseline anew, for a change that is meant to move numbers
set -euo pipefail
cd "$(dirname "$0")/.."

optbench=.build/release/optbench
baseline=results/baseline/gate.h5
folder=.build/gate

[[ -x $optbench ]] || {
  echo "gate: $optbench is missing; run 'make build' first" >&2
  exit 2
}
mkdir -p "$folder"
# A result of another program would be taken for this one's: the spec is the same.
rm -rf "$folder/gate.h5" "$folder/gate.runs"
"$optbench" run experiments/gate.yml --output "$folder/gate.h5" --quiet >/dev/null
if [[ ${1:-} == baseline ]]; then
  mkdir -p "$(dirname "$baseline")"
  cp "$folder/gate.h5" "$baseline"
  echo "gate: $baseline is new; commit it with the change that moved the numbers"
  exit 0
fi
annotations=()
[[ -z ${GITHUB_ACTIONS:-} ]] || annotations=(--github)
"$optbench" gate --baseline "$baseline" --current "$folder/gate.h5" \
  --policy experiments/gate.policy.yml --markdown "$folder/gate.md" --junit "$folder/gate.xml" \
  --json "$folder/gate.json" "${annotations[@]+"${annotations[@]}"}"
