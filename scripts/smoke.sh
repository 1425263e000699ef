#!/usr/bin/env bash
# The whole path in a few seconds: experiments/smoke.yml to HDF5, read back by other programs, to a
# report whose numbers agree with experiments/smoke.expected.csv within its tolerances.
set -euo pipefail
cd "$(dirname "$0")/.."

optbench=.build/release/optbench
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$optbench" run experiments/smoke.yml --output "$folder/smoke.h5"
"$optbench" report "$folder/smoke.h5" --output "$folder/report"

scripts/check_hdf5.py "$folder/smoke.h5"
scripts/check_hdf5.py --older Tests/CommandTests/Golden/golden.h5
h5dump -H "$folder/smoke.h5" >/dev/null
python3 scripts/check_smoke.py "$folder/report" experiments/smoke.expected.csv
