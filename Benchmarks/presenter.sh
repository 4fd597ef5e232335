#!/usr/bin/env bash
# The Presenter on an embedded store; prints Markdown.
#   Benchmarks/presenter.sh [DIRECTORY]   (where the stores are made; a temporary one by default)
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release --product presenter-bench >&2
bench="$(swift build -c release --show-bin-path)/presenter-bench"
work="$(mktemp -d ${1:+-p "$1"})"
trap 'rm -rf "$work"' EXIT

for shards in 256 1024 4096; do
    for records in 10000 100000 1000000; do
        "$bench" "$work/store" "$records" "$shards" >>"$work/lines"
        rm -rf "$work/store"
    done
done

# The lines of one part without its name.
part() { grep "^| $1 |" "$work/lines" | sed "s/^| $1 |/|/"; }
echo "All RRsets and 10,000 edits, nothing known before:"
echo
echo "| RRsets | shards | time | of it reading | of it writing | judging it all, afterwards | memory |"
echo "|---:|---:|---:|---:|---:|---:|---:|"
part full
echo
echo "One edit, 200 times:"
echo
echo "| RRsets | shards | median | p99 | reading | computing | writing | judging, afterwards | p99 | resident |"
echo "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
part edit
echo
echo "350 registrations a second for 20 s, until presented:"
echo
echo "| RRsets | shards | changes | presentations | median | p99 | left |"
echo "|---:|---:|---:|---:|---:|---:|---:|"
part rate
