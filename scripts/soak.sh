#!/usr/bin/env bash
# Proves the gate: how often it fails on equal code, and which deliberate mistakes it catches. Writes
# docs/gate-proof.md. The mutants are in this build only (.build/soak).
set -euo pipefail
cd "$(dirname "$0")/.."

flags=()
[[ $(uname -m) == x86_64 ]] && flags=(-Xcc "-march=${ARCH:-x86-64-v3}")
OPTBENCH_SOAK=1 swift build -c release --scratch-path .build/soak --product optbench-soak \
  "${flags[@]+"${flags[@]}"}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
other=()
if [[ $(uname -m) == x86_64 ]]; then
  for isa in sse41 avx2; do
    .build/release/optbench run experiments/gate.yml --isa "$isa" --output "$folder/$isa.h5" --quiet >/dev/null
    other+=(--other "$folder/$isa.h5")
  done
fi
.build/soak/release/optbench-soak experiments/gate.yml --policy experiments/gate.policy.yml \
  --output docs/gate-proof.md "${other[@]+"${other[@]}"}" "$@"
echo docs/gate-proof.md
