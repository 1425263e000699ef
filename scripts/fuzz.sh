#!/usr/bin/env bash
# Reads mutated files of every kind: 100,000 of each, or as many as --count says. Inputs that break a reader are
# kept in /tmp/optbench-fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=()
[[ $(uname -m) == x86_64 ]] && flags=(-Xcc "-march=${ARCH:-x86-64-v3}")
OPTBENCH_SOAK=1 swift build -c release --scratch-path .build/soak --product optbench-fuzz \
  "${flags[@]+"${flags[@]}"}"
exec .build/soak/release/optbench-fuzz "$@"
