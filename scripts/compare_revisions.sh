#!/usr/bin/env bash
# Runs the grid of 720 runs with another revision and with this one, in turn, and prints how much faster
# this one is. Both are built in release, the other one in .build_compare/ the first time.
#
#   scripts/compare_revisions.sh 71f2b8d          five times each
#   scripts/compare_revisions.sh 71f2b8d 9        nine times each
#   EXPERIMENT=experiments/gate.yml scripts/compare_revisions.sh HEAD~1
#
# OTHER names a program that is already built. Times are only worth something on a machine that does nothing
# else; processor time is less touched by others than wall-clock time.
set -euo pipefail
cd "$(dirname "$0")/.."

revision=${1:?give a revision, such as 71f2b8d}
repeats=${2:-5}
experiment=${EXPERIMENT:-experiments/grid.yml}
flags=(-c release --product optbench)
[[ $(uname -m) == x86_64 ]] && flags+=(-Xcc "-march=${ARCH:-x86-64-v3}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

other=${OTHER-}
if [[ -z $other ]]; then
  clone=.build_compare/$(git rev-parse --short "$revision")
  if [[ ! -d $clone ]]; then
    git clone -q . "$clone"
    git -C "$clone" checkout -q "$(git rev-parse "$revision")"
  fi
  (cd "$clone" && swift build "${flags[@]}" >&2)
  other=$clone/.build/release/optbench
fi
[[ -n ${CURRENT-} ]] || swift build "${flags[@]}" >&2
current=${CURRENT:-.build/release/optbench}

# Appends wall-clock and processor seconds of one run of the experiment to a list.
measure() {
  local TIMEFORMAT='%R %U %S'
  rm -rf "$folder/result"*
  { time "$2" run "$experiment" --quiet --output "$folder/result.h5" >/dev/null; } \
    2>"$folder/times" || { cat "$folder/times" >&2; exit 2; }
  tail -1 "$folder/times" | awk '{ print $1, $2 + $3 }' >>"$folder/$1"
  "$current" digest "$folder/result.h5" | cut -d ' ' -f 1 >>"$folder/$1.digests"
}

for ((repeat = 0; repeat < repeats; repeat++)); do
  measure other "$other"
  measure current "$current"
done

# The median of a column.
median() {
  awk -v column="$2" '{ print $column }' "$folder/$1" | sort -n \
    | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

echo "$experiment, $repeats times each in turn, medians:"
for what in 'wall-clock 1' 'processor 2'; do
  column=${what#* }
  awk -v what="${what% *}" -v revision="$revision" -v other="$(median other "$column")" \
    -v current="$(median current "$column")" 'BEGIN {
      printf "  %-10s  %s %6.2f s, this one %6.2f s: %.2f times as fast\n",
        what, revision, other, current, other / current }'
done
digests=$(cat "$folder/other.digests" "$folder/current.digests" | sort -u | wc -l)
((digests == 1)) && echo "  the results have the same content digest" \
  || echo "  the results have $digests different content digests"
