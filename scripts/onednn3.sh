#!/usr/bin/env bash
# Builds what uses oneDNN, and tests it, against oneDNN 3 from PyPI: Debian 12 has 2.6, other systems
# have 3.x. All it fetches and builds lies in .build_onednn3/.
#
# The wheels are those for GNU OpenMP, which need nothing else; there are none for other processors
# than x86-64, where this says so and does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

version=2023.2.0 # of the wheels; oneDNN 3.2.0
wheels=(onednn_cpu_gomp onednn_devel_cpu_gomp)
folder=$PWD/.build_onednn3

fail() {
  printf 'onednn3: %s\n' "$@" >&2
  exit 2
}

if [[ $(uname -sm) != "Linux x86_64" ]]; then
  echo "onednn3: PyPI has no oneDNN for $(uname -sm); not tested"
  exit 0
fi

checksums() {
  cat <<'END'
2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb  onednn_cpu_gomp-2023.2.0-py2.py3-none-manylinux1_x86_64.whl
9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284  onednn_devel_cpu_gomp-2023.2.0-py2.py3-none-manylinux1_x86_64.whl
END
}

fetch() {
  mkdir -p "$folder"
  cd "$folder"
  if ! checksums | sha256sum --check --status 2>/dev/null; then
    command -v python3 >/dev/null || fail "python3 is missing; run scripts/setup.sh ci"
    [[ -x venv/bin/pip ]] || python3 -m venv venv || fail "python3 makes no environment; see above"
    venv/bin/pip download -q --no-deps --only-binary :all: "${wheels[@]/%/==$version}" ||
      fail "PyPI gave no oneDNN $version; pip's message is above"
    checksums | sha256sum --check --status || fail "the wheels are not those that were expected"
  fi
  local wheel
  for wheel in "${wheels[@]}"; do
    [[ -d $wheel-$version.data ]] || python3 -m zipfile -e "$wheel-$version"-*.whl .
  done
  cd - >/dev/null
}

# The same sources and manifest without the other targets. The system's library, which the module of
# oneDNN's headers asks for, is left to the command line.
write_package() {
  local package=$folder/package target
  mkdir -p "$package/Sources/COneDNN"
  ln -sfn "$PWD/Tests" "$package/"
  for target in Sources/*; do
    [[ $target == */COneDNN ]] || ln -sfn "$PWD/$target" "$package/Sources/"
  done
  ln -sf "$PWD"/Sources/COneDNN/*.h "$package/Sources/COneDNN/"
  replace "$package/Sources/COneDNN/module.modulemap" \
    < <(grep -v 'link "dnnl"' Sources/COneDNN/module.modulemap)
  replace "$package/Package.swift" < <(
    cat Package.swift - <<'END'
let needed = [
  "CVector", "COneDNN", "CLAPACK", "Tensors", "LinearAlgebra", "Settings", "Networks", "TestSupport",
  "NetworksTests",
]
package.targets.removeAll { !needed.contains($0.name) }
package.products = []
END
  )
}

# Writes standard input to a file, if it is not there already: what is older is not built again.
replace() {
  cat >"$1.new"
  cmp -s "$1.new" "$1" || cp "$1.new" "$1"
  rm "$1.new"
}

fetch
write_package
headers=$folder/onednn_devel_cpu_gomp-$version.data/data/include
libraries=$folder/onednn_cpu_gomp-$version.data/data/lib
options=(--package-path "$folder/package" --scratch-path "$folder/build" -Xcc "-I$headers"
  -Xlinker "$libraries/libdnnl.so" -Xlinker -rpath -Xlinker "$libraries")
swift build "${options[@]}" --build-tests
bundle=$(find -L "$folder/build/debug" -maxdepth 1 -name '*PackageTests.xctest')
[[ $(ldd "$bundle" | grep -o 'libdnnl[^ ]* => [^ ]*') == "libdnnl.so.3 => $libraries/libdnnl.so.3" ]] ||
  fail "the tests are not linked against oneDNN 3 alone"
swift test "${options[@]}" --skip-build --disable-xctest
