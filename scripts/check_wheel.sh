#!/usr/bin/env bash
# Installs a wheel in a bare virtual environment and runs an experiment with it: without Swift on the PATH and,
# where this may be done, with the system's own libraries hidden.
#
#   scripts/check_wheel.sh dist/optbench-*.whl
set -euo pipefail
wheel=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv bare
bare/bin/pip install --quiet --disable-pip-version-check "$wheel"
cat >small.yml <<'YAML'
optbench: 1
name: small
problems: [digits-mlp, rosenbrock-2d]
optimizers: [sgd, adam]
learning_rate: [0.01, 10]
clipping: [none, global-norm]
seeds: 2
budget: {steps: 40}
YAML
cat >try.sh <<'SH'
set -euo pipefail
optbench run small.yml --quiet
optbench report results/small.h5 --output report --format markdown
python -m optbench digest results/small.h5
python -c 'import optbench; print(optbench.__name__)'
test -s report/report.md
SH
run=(env -i "PATH=$work/bare/bin:/usr/bin:/bin" "HOME=$work" bash try.sh)
if ((EUID == 0)) && unshare -m true 2>/dev/null; then
  # The libraries that the program would find on this machine are empty files in there.
  hidden=$(ls /lib/*-linux-gnu/lib{hdf5,dnnl,lapack,openblas,sqlite3,crypto}*.so* /usr/lib/*-linux-gnu/lib{hdf5,dnnl,lapack,openblas,sqlite3}*.so* \
    2>/dev/null | xargs -r -n 1 realpath | sort -u | grep -v -e libcrypto -e libsqlite3 || true)
  export hidden
  # shellcheck disable=SC2016 # expanded within
  unshare -m bash -c 'for file in $hidden; do mount --bind /dev/null "$file"; done
    if [[ -d /opt/swift ]]; then mount -t tmpfs none /opt/swift; fi; exec "$@"' _ "${run[@]}"
  echo "check_wheel: ran with Swift and $(wc -w <<<"$hidden") libraries of the system hidden"
else
  "${run[@]}"
fi
