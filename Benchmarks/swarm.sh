#!/usr/bin/env bash
# A release of a million records (256 files, 105 MB) for PEERS servers at once on this machine: by the
# swarm as proxies use it, by a swarm in which everyone asks everyone, and by HTTP from one nginx, whose
# clients check digests too. On loopback a link costs nothing: what the one server sends is what counts
# elsewhere. Prints Markdown.
#   Benchmarks/swarm.sh [PEERS] [RUNS]   (50 and 3 by default)
set -euo pipefail
cd "$(dirname "$0")/.."
peers="${1:-50}" runs="${2:-3}"
scripts/install-packages.sh benchmark
swift build -c release --product swarm-bench >&2
bench="$(swift build -c release --show-bin-path)/swarm-bench"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
python3 Benchmarks/swarm.py "$bench" "$work" "$peers" "$runs"
