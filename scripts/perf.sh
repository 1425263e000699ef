#!/usr/bin/env bash
# Measures how fast optbench is and prints Markdown: training steps whole and in parts, optimizer
# kernels, optimizers of matrices, clips, passes over memory, storage, two runs at a time, a grid of 720
# runs. About three minutes; with peers about eight.
#
#   scripts/perf.sh                       to standard output
#   PEERS=1 scripts/perf.sh               beside PyTorch, JAX and authors' packages
#   OUTPUT=docs/performance.md scripts/perf.sh    also to that file, where notes by hand stay
#
# PEERS_ENVIRONMENT names a virtual environment for the peers, made where there is none (6 GB).
# Rows of one thread are pinned to one core by taskset, where there is one. Times are only worth
# something on a machine that does nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

perf=.build/release/optbench-perf
environment=${PEERS_ENVIRONMENT:-.build_venv-peers}
core=${CORE:-0}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

[[ -x $perf && -x .build/release/optbench ]] || {
  echo "perf: $perf or .build/release/optbench is missing; run 'make perf'" >&2
  exit 2
}

pinned=()
pinning="Rows of one thread ran wherever the system put them: there is no taskset here."
if command -v taskset >/dev/null; then
  pinned=(taskset -c "$core")
  pinning="Rows of one thread were pinned to core $core by taskset."
fi

# Packages with what they need, and packages that need nothing but PyTorch.
packages=(torch 'jax[cpu]' optax)
author_packages=(lion-pytorch schedulefree prodigyopt dadaptation pytorch_optimizer)
modules='dadaptation, jax, lion_pytorch, optax, prodigyopt, pytorch_optimizer, schedulefree, torch'

# Installs the peers where they are missing, and writes what they measure to $folder/peers.tsv.
measure_peers() {
  command -v python3 >/dev/null || {
    echo "perf: PEERS=1 needs python3" >&2
    exit 2
  }
  if [[ ! -x $environment/bin/python ]]; then
    echo "perf: installing PyTorch, JAX and optimizers from PyPI to $environment." >&2
    echo "perf: PyTorch brings CUDA there: about 6 GB, and some minutes." >&2
    python3 -m venv "$environment"
  fi
  "$environment/bin/python" -c "import $modules" 2>/dev/null || {
    "$environment/bin/pip" install -q "${packages[@]}"
    "$environment/bin/pip" install -q --no-deps "${author_packages[@]}"
  }
  local script
  for script in torch_steps torch_kernels author_kernels jax_steps; do
    echo "perf: scripts/peers/$script.py" >&2
    "${pinned[@]}" "$environment/bin/python" "scripts/peers/$script.py" >>"$folder/peers.tsv"
  done
}

# The versions of the peers, in one line.
peer_versions() {
  "$environment/bin/python" - <<'PYTHON'
from importlib.metadata import version

names = ["torch", "jax", "optax", "lion-pytorch", "schedulefree", "prodigyopt", "dadaptation",
         "pytorch_optimizer"]
print(", ".join(f"{name} {version(name)}" for name in names))
PYTHON
}

peers=()
command_line="make perf"
if [[ ${PEERS-} == 1 ]]; then
  measure_peers
  peers=(--peers "$folder/peers.tsv")
  command_line="PEERS=1 make perf"
fi

{
  echo "# Performance"
  echo
  echo "Written by \`$command_line\`. Times are medians of many repeats, with the quartiles behind in"
  echo "parentheses. $pinning"
  echo
  "$perf" machine
  if ((${#peers[@]})); then
    echo "Peers: $(peer_versions), pinned the same way in the same invocation."
    echo
  fi
  "${pinned[@]}" "$perf" steps kernels matrices clips passes storage "${peers[@]}"
  "${pinned[@]}" "$perf" memory
  # Asker and asked are two processes.
  "$perf" bridge
  "$perf" parallel
  # By itself: a child's peak memory counts that of the process that started it.
  "$perf" grid
} | tee "$folder/performance.md"

# From here on a page is written by hand, and kept.
notes='<!-- notes -->'
if [[ -n ${OUTPUT-} ]]; then
  if [[ -f $OUTPUT ]]; then
    sed -n "/^$notes\$/,\$p" "$OUTPUT" >>"$folder/performance.md"
  fi
  cp "$folder/performance.md" "$OUTPUT"
fi
