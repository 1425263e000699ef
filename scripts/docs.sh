#!/usr/bin/env bash
# Converts the documentation comments of every module into one DocC archive, .build/docs. A comment
# that links to a symbol which does not exist is an error.
#
# To read it: python3 -m http.server --directory .build/docs, then open /documentation.
set -euo pipefail
cd "$(dirname "$0")/.."

docc=$(command -v docc || xcrun --find docc 2>/dev/null || true)
[[ -n $docc ]] || {
  echo "docs: the toolchain has no docc" >&2
  exit 2
}

log=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$work" "$log"' EXIT
swift package dump-symbol-graph --minimum-access-level public >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
graphs=$(sed -n 's/^Files written to //p' "$log")

archives=()
broken=0
for folder in Sources/*/; do
  module=$(basename "$folder")
  [[ -f $graphs/$module.symbols.json && ! -d $folder/include && $module != optbench ]] || continue
  mkdir "$work/$module"
  # The module's own symbols and those that it adds to other modules' types.
  cp "$graphs/$module.symbols.json" "$work/$module"
  find "$graphs" -name "$module@*.symbols.json" -exec cp {} "$work/$module" \;
  arguments=()
  [[ -d $folder$module.docc ]] && arguments+=("$folder$module.docc")
  "$docc" convert "${arguments[@]}" --additional-symbol-graph-dir "$work/$module" \
    --fallback-display-name "$module" --fallback-bundle-identifier "optbench.$module" \
    --ide-console-output --output-path "$work/$module.doccarchive" >"$work/warnings" 2>&1 || {
    cat "$work/warnings" >&2
    exit 1
  }
  # Its other warnings ask for a parameter list where the comment's sentence already says it.
  if grep "doesn't exist at" "$work/warnings" >&2; then broken=1; fi
  archives+=("$work/$module.doccarchive")
done
((broken == 0)) || exit 1
rm -rf .build/docs
"$docc" merge "${archives[@]}" --synthesized-landing-page-name optbench --output-path .build/docs
echo "docs: ${#archives[@]} modules in .build/docs"
