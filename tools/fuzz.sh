#!/usr/bin/env bash
# Builds the fuzz targets with the stable compiler and runs them one after another: `make fuzz` calls this.
#   SECONDS_EACH  seconds per target (60)     TARGETS  which ones, separated by spaces (all)
# What a target learns stays in fuzz/corpus, what breaks it in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
each=${SECONDS_EACH:-60}
triple=$(rustc -vV | sed -n 's/^host: //p')
# What cargo-fuzz passes, without a sanitizer: all code of ours is safe, so that a panic is what can be found.
export RUSTC_WRAPPER=$PWD/../tools/instrument.sh
built=target/$triple/release
if [ -z "${TARGETS:-}" ]; then
  TARGETS=$(cd src/bin && ls -- *.rs | sed 's/\.rs$//' | grep -vx seeds)
fi
bins=(--bin seeds)
for target in $TARGETS; do bins+=(--bin "$target"); done
cargo build --release --target "$triple" "${bins[@]}"
"$built/seeds" corpus/seeds
failed=()
for target in $TARGETS; do
  mkdir -p "corpus/$target" "artifacts/$target"
  echo "== $target, $each s"
  nice "$built/$target" "corpus/$target" "corpus/seeds/$target" -max_total_time="$each" -rss_limit_mb=512 \
    -timeout=20 -max_len=16384 -print_final_stats=1 -print_funcs=0 -verbosity=0 -artifact_prefix="artifacts/$target/" || failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "make fuzz: something was found in: ${failed[*]} (fuzz/artifacts)" >&2
  exit 1
fi
