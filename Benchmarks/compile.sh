#!/usr/bin/env bash
# `freshet compile` beside tinydns-data, on the same text, in turns; prints Markdown.
#   Benchmarks/compile.sh [RUNS [LINES]]   (7 runs of 1,000,000 lines by default)
# FRESHET names another program than the release build of this tree.
set -euo pipefail
cd "$(dirname "$0")/.."
runs="${1:-7}" lines="${2:-1000000}"
if [ -z "${FRESHET:-}" ]; then
    swift build -c release --product freshet >&2
    FRESHET="$(swift build -c release --show-bin-path)/freshet"
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 Benchmarks/compile_data.py "$lines" >"$work/data"
python3 Benchmarks/compile.py "$work" "$runs" "$lines" "$FRESHET"
