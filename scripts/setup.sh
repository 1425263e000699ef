#!/usr/bin/env bash
# Installs what optbench needs beside a Swift toolchain; quick and silent work when all is there.
#
#   scripts/setup.sh        the libraries, HDF5's tools and the Fashion-MNIST files
#   scripts/setup.sh ci     also Python, R and Octave, for the readers that check the result files, and
#                           Chromium, in which pages are tried, what converts pictures, and Slurm
#
# SKIP_SETUP=1 skips it, for libraries that came from somewhere else.
set -euo pipefail

packages=(libhdf5-dev hdf5-tools libdnnl-dev liblapacke-dev libopenblas-dev zlib1g-dev libssl-dev
  libsqlite3-dev pkg-config dataset-fashion-mnist)
if [[ ${1-} == ci ]]; then
  packages+=(python3 python3-venv r-cran-ncdf4 r-cran-hdf5r octave octave-netcdf chromium
    librsvg2-bin slurm-wlm munge)
fi

fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 2
}

check_swift() {
  command -v swift >/dev/null ||
    fail "no Swift toolchain found; install Swift 6.2 or later from https://www.swift.org/install"
  local line version
  line=$(swift --version 2>/dev/null | grep -m 1 -o 'Swift version [0-9][0-9.]*' || true)
  version=${line#Swift version }
  local major=${version%%.*} rest=${version#*.}
  local minor=${rest%%.*}
  if ((${major:-0} < 6 || (${major:-0} == 6 && ${minor:-0} < 2))); then
    fail "Swift ${version:-of an unknown version} is too old; optbench needs Swift 6.2 or later"
  fi
}

# The packages that are not installed, one a line.
missing_packages() {
  local installed
  # shellcheck disable=SC2016 # dpkg-query expands these, not the shell
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
  local package
  for package in "${packages[@]}"; do
    grep -qx "$package installed" <<<"$installed" || printf '%s\n' "$package"
  done
}

install_by_apt() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} == 0)) && return
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "these packages are missing and need root: ${missing[*]}" \
        "run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]} with apt-get${as_root[*]:+ (by sudo)}"
  "${as_root[@]}" apt-get update -q ||
    echo "setup: apt-get update failed; going on with the package lists there are" >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null ||
    fail "apt-get could not install ${missing[*]}; its message is above"
}

explain_without_apt() {
  fail "this system has no apt; install the libraries yourself:" \
    "  Homebrew:  brew install hdf5 onednn openblas lapack zlib openssl@3 sqlite pkgconf" \
    "  dnf:       dnf install hdf5-devel hdf5 onednn-devel lapack-devel openblas-devel zlib-devel openssl-devel sqlite-devel pkgconf" \
    "  the Fashion-MNIST files: https://github.com/zalandoresearch/fashion-mnist, named by 'path:' in an experiment" \
    "then run the same command again with SKIP_SETUP=1"
}

[[ ${SKIP_SETUP-} == 1 ]] && exit 0
check_swift
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  install_by_apt
else
  explain_without_apt
fi
