#!/usr/bin/env bash
# DNSWire beside ldns, dnspython and BIND, on the same octets, in turns; prints Markdown.
#   Benchmarks/dnswire.sh [RUNS]   (5 by default)
set -euo pipefail
cd "$(dirname "$0")/.."
runs="${1:-5}"
scripts/install-packages.sh benchmark
scripts/test-tools.sh
swift build -c release --product dnswire-bench >&2
bench="$(swift build -c release --show-bin-path)/dnswire-bench"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cc -O2 -o "$work/ldns" Benchmarks/peers/ldns_bench.c -lldns
cc -O2 -shared -fPIC -o "$work/count.so" Benchmarks/peers/count_malloc.c
python=(.venv/bin/python3 Benchmarks/peers/dnspython_bench.py)
"$bench" messages "$work/messages" 10000
"$bench" zone "$work/zone" 1000000
"$bench" zone "$work/small" 100000

compare() { python3 Benchmarks/compare.py "$@"; echo; }
compare "parse a response" messages "$runs" 0 \
    "DNSWire, \`MessageView\`" "$bench view $work/messages 40" \
    "DNSWire, \`Message\`" "$bench parse $work/messages 10" \
    "ldns" "$work/ldns parse $work/messages 10" \
    "dnspython" "${python[*]} parse $work/messages 1"
compare "build a response, compressed" messages "$runs" 0 \
    "DNSWire" "$bench build $work/messages 20" \
    "ldns" "$work/ldns build $work/messages 10" \
    "dnspython" "${python[*]} build $work/messages 1"
echo "| allocations a message | parse | build |"
echo "|---|---:|---:|"
count() { python3 Benchmarks/allocations.py "$work/count.so" "$1"; }
echo "| DNSWire, \`MessageView\` | $(count "$bench view $work/messages %d") | |"
echo "| DNSWire, \`Message\` | $(count "$bench parse $work/messages %d") | $(count "$bench build $work/messages %d") |"
echo "| ldns | $(count "$work/ldns parse $work/messages %d") | $(count "$work/ldns build $work/messages %d") |"
echo
compare "read a zone file of 1,000,000 records, write it canonically" records "$runs" 1000000 \
    "DNSWire, read and write" "$bench copy $work/zone >/dev/null" \
    "named-compilezone" "named-compilezone -q -i none -k ignore -o /dev/null bench.test. $work/zone" \
    "ldns-read-zone" "ldns-read-zone $work/zone >/dev/null"
compare "read a zone file of 100,000 records" records "$runs" 0 \
    "DNSWire" "$bench read $work/small" \
    "dnspython" "${python[*]} zone $work/small 1"
