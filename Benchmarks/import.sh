#!/usr/bin/env bash
# `freshet import --check` beside named-compilezone on a zone file, and beside tinydns-data
# on its data, in turns; prints Markdown.
#   Benchmarks/import.sh [RUNS [RECORDS]]   (5 runs of 1,000,000 records by default)
# FRESHET names another program than the release build of this tree.
set -euo pipefail
cd "$(dirname "$0")/.."
runs="${1:-5}" records="${2:-1000000}"
if [ -z "${FRESHET:-}" ]; then
    swift build -c release --product freshet >&2
    FRESHET="$(swift build -c release --show-bin-path)/freshet"
fi
FRESHET="$(realpath "$FRESHET")"
PATH="$PATH:/usr/sbin"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 Benchmarks/import_data.py "$work" "$records"
measure="$PWD/Benchmarks/measure.py"
cd "$work"
lenient="-k ignore -m ignore -n ignore -r ignore -M ignore -S ignore -T ignore -W ignore -i none"
python3 "$measure" "read a zone file of $records records" "$runs" \
    "\`freshet import --check\`" "$FRESHET import --check example.net.zone" \
    "\`named-compilezone\`" "named-compilezone $lenient -o /dev/null example.net example.net.zone"
echo
python3 "$measure" "read tinydns data of $records records" "$runs" \
    "\`freshet import --check\`" "$FRESHET import --check data" \
    "\`tinydns-data\`" "tinydns-data"
