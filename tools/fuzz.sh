#!/usr/bin/env bash
# Builds the fuzz targets with the stable compiler and runs them one after another: `make fuzz` calls this.
#   SECONDS_EACH  seconds of a processor per target (60)     TARGETS  which ones, separated by spaces (all)
# What a target learns stays in fuzz/corpus, what breaks it in fuzz/artifacts, what it wrote in fuzz/logs. The clock
# does not count: on a busy machine it says little about how much was tried.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
each=${SECONDS_EACH:-60}
one_input=20  # seconds of a processor that one input may take
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
mkdir -p logs

ticks=$(getconf CLK_TCK)
# Prints the seconds of a processor, user and system, that process $1 has had; nothing once it has ended.
used() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  set -- ${stat##*) }
  echo $(((${12} + ${13}) / ticks))
}

# Runs target $1 for $2 seconds of a processor. Answers with what libFuzzer ended with; sets $ran.
run() {
  nice "$built/$1" "corpus/$1" "corpus/seeds/$1" -rss_limit_mb=512 -max_len=16384 \
    -report_slow_units="$one_input" -timeout=$((one_input * 30)) \
    -print_final_stats=1 -print_funcs=0 -artifact_prefix="artifacts/$1/" >>"logs/$1.log" 2>&1 &
  local process=$! now
  trap 'kill "$process" 2>/dev/null; exit 130' INT TERM
  ran=0
  while now=$(used "$process") && [ -n "$now" ]; do
    ran=$now
    # libFuzzer ends after the input at hand and prints its figures.
    [ "$now" -lt "$2" ] || kill -USR1 "$process" 2>/dev/null || true
    sleep 1
  done
  trap - INT TERM
  wait "$process"
}

# libFuzzer looks at the clock, so that a target that was stopped for a while seems to be slow. A real hang is so again,
# in seconds of a processor.
hangs() {
  local input
  for input in "artifacts/$1"/timeout-* "artifacts/$1"/slow-unit-*; do
    [ -e "$input" ] || continue
    (ulimit -t "$one_input"; "$built/$1" "$input" -timeout=0) >>"logs/$1.log" 2>&1 || return 0
    rm "$input"
  done
  return 1
}

# The highest $2 that the log of target $1 names.
most() { grep -oE "$2 *[0-9]+" "logs/$1.log" | grep -oE '[0-9]+$' | sort -n | tail -1; }

failed=()
echo "| target | seconds of a processor | inputs | edges | memory, MB | found |"
echo "| --- | --- | --- | --- | --- | --- |"
for target in $TARGETS; do
  mkdir -p "corpus/$target" "artifacts/$target"
  : >"logs/$target.log"
  total=0 found=nothing
  while [ "$total" -lt "$each" ]; do
    code=0
    run "$target" $((each - total)) || code=$?
    total=$((total + ran))
    if hangs "$target"; then
      found="a hang" && failed+=("$target")
      break
    fi
    if [ "$code" -ne 0 ] && [ "$code" -ne 70 ]; then
      found="ended with $code" && failed+=("$target")
      break
    fi
  done
  inputs=$(grep -oE 'number_of_executed_units: *[0-9]+' "logs/$target.log" | awk '{ sum += $2 } END { print sum + 0 }')
  echo "| $target | $total | $inputs | $(most "$target" cov:) | $(most "$target" peak_rss_mb:) | $found |"
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "make fuzz: something was found in: ${failed[*]} (fuzz/artifacts, fuzz/logs)" >&2
  exit 1
fi
