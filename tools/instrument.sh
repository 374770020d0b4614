#!/usr/bin/env bash
# rustc for tools/fuzz.sh: libFuzzer's coverage only for crates that read hostile bytes. What writes tables or computes
# ciphers has nothing to find, and each of its counters is looked at after every input.
set -euo pipefail
coverage=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares)
case ${CARGO_PKG_NAME:-} in
  waakzaam-core | waakzaam-fuzz | brotli | brotli-decompressor | zlib-rs | ruzstd | der | spki | x509-cert)
    # Build scripts are compiled without --target, and must stay as they are.
    [[ " $* " == *" --target "* ]] && exec "$@" "${coverage[@]}"
    ;;
esac
exec "$@"
