#!/usr/bin/env bash
# Fuzzes DNSWire with libFuzzer, and keeps what led to new code in Tests/Fuzz/*.corpus.
#   scripts/fuzz.sh [SECONDS] [TARGET]...   60 seconds each of message, name, rdata, zone by default
# A fault leaves the input in .build/fuzz and stops with status 1.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-60}"
shift || true
targets=("$@")
[ $# -gt 0 ] || targets=(message name rdata zone)
out=.build/fuzz
mkdir -p "$out"
# One module, so that coverage sees all of it. It imports itself, which is only noise.
mapfile -t sources < <(find Sources/DNSWire -name '*.swift' | sort)
swiftc -O -swift-version 6 -parse-as-library -module-name DNSWire -sanitize=fuzzer -suppress-warnings \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility \
    "${sources[@]}" Tests/Support/FuzzTarget.swift Tests/Fuzz/Fuzzer.swift -o "$out/fuzzer"
status=0
for target in "${targets[@]}"; do
    cp "$out/fuzzer" "$out/$target"
    kept="$out/$target.kept" found="$out/$target.found"
    rm -rf "$kept"
    mkdir -p "$kept" "$found"
    scripts/corpus.py unpack "Tests/Fuzz/$target.corpus" "$kept"
    dictionary=()
    [ ! -f "Tests/Fuzz/$target.dict" ] || dictionary=(-dict="Tests/Fuzz/$target.dict")
    longest=4096
    [ "$target" != name ] || longest=400
    if "$out/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len="$longest" -print_final_stats=1 \
        -artifact_prefix="$out/$target-" "${dictionary[@]}" "$found" "$kept" >"$out/$target.log" 2>&1; then
        # The fewest inputs that reach all that was reached.
        rm -rf "$out/$target.merged"
        mkdir "$out/$target.merged"
        "$out/$target" -merge=1 -max_len="$longest" "$out/$target.merged" "$kept" "$found" >>"$out/$target.log" 2>&1
        scripts/corpus.py pack "$out/$target.merged" "Tests/Fuzz/$target.corpus"
        echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log" | head -1) inputs in $seconds s, no fault;" \
            "$(find "$out/$target.merged" -type f | wc -l) kept in Tests/Fuzz/$target.corpus"
    else
        status=1
        echo "$target: a fault, see $out/$target.log" >&2
        grep -E 'Fatal error|ERROR|artifact|Test unit' "$out/$target.log" | head -5 >&2
    fi
done
exit $status
