#!/usr/bin/env bash
# Runs the experiments in their long forms, every one in experiments/ that is no short form and no tool of
# the tests, for three hours at most (HOURS=1 for another limit) and writes results/<name>.h5 and reports.
#
# It can be interrupted at any time and goes on where it stopped: finished runs are kept, finished
# experiments pass in a moment. What has no data here is named and left out. Comparisons by the robust protocol are
# run with five times their budget as well, and their reports say how far the order of methods holds.
set -euo pipefail
cd "$(dirname "$0")/.."

optbench=.build/release/optbench
[[ -x $optbench ]] || {
  echo "bench-full: $optbench is missing; run 'make build' first" >&2
  exit 2
}

# The quick ones first, so that a short night has something to show; what is not named here comes last.
order=(rosenbrock quadratic-deep functions edge-of-stability digits-depth all-methods fashion-mnist-mlp
  fashion-mnist-2c2d)
left_out=" smoke grid gate gate.policy "
names=()
for name in "${order[@]}"; do [[ -f experiments/$name.yml ]] && names+=("$name"); done
for file in experiments/*.yml; do
  name=$(basename "$file" .yml)
  [[ $name == *-short || $left_out == *" $name "* || " ${names[*]} " == *" $name "* ]] || names+=("$name")
done

# macOS has no timeout; there the last experiment that was begun is finished.
limited() {
  if command -v timeout >/dev/null; then
    # SIGINT lets the program keep what is finished.
    timeout --signal=INT "$@"
  else
    "${@:2}"
  fi
}

# The gradients of a robust experiment's budget; nothing for others.
gradients() {
  grep -q '^protocol: robust' "$1" && sed -n 's/^budget: {gradient_evaluations: \([0-9]*\)}.*/\1/p' "$1"
}

deadline=$((SECONDS + ${HOURS:-3} * 3600))
unfinished=""
for name in "${names[@]}"; do
  left=$((deadline - SECONDS))
  if ((left <= 0)); then
    unfinished+=" $name"
    continue
  fi
  status=0
  limited "$left" "$optbench" run "experiments/$name.yml" --output "results/$name.h5" >/dev/null || status=$?
  audit=()
  budget=$(gradients "experiments/$name.yml" || true)
  left=$((deadline - SECONDS))
  if ((status == 0 && left > 0)) && [[ -n $budget ]]; then
    limited "$left" "$optbench" run "experiments/$name.yml" --set "name=$name-x5" \
      --set "budget.gradient_evaluations=$((5 * budget))" --output "results/$name-x5.h5" >/dev/null || status=$?
    ((status)) || audit=(--audit "results/$name-x5.h5")
  fi
  case $status in
    0)
      "$optbench" report "results/$name.h5" --output "results/$name" "${audit[@]+"${audit[@]}"}"
      ((${#audit[@]} == 0)) || "$optbench" report "results/$name-x5.h5" --output "results/$name-x5"
      ;;
    124 | 130) unfinished+=" $name" ;;
    *) echo "bench-full: $name is left out" >&2 ;;
  esac
done

[[ -z $unfinished ]] || {
  echo "bench-full: not finished:$unfinished; the same command goes on with them" >&2
  exit 1
}
