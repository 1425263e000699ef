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

# Debian's readers belong to Debian's NumPy, even where a newer one is installed beside it.
python=(env)
[[ -d /usr/lib/python3/dist-packages ]] && python+=(PYTHONPATH=/usr/lib/python3/dist-packages)
python+=(python3)
"${python[@]}" scripts/check_hdf5.py "$folder/smoke.h5"
h5dump -H "$folder/smoke.h5" >/dev/null
"${python[@]}" scripts/check_smoke.py "$folder/report" experiments/smoke.expected.csv
