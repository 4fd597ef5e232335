#!/usr/bin/env bash
# Plans beside octoDNS: 100,000 addresses in its YAML with one changed; then a pack of a
# million records. Prints Markdown.
#   Benchmarks/plan.sh [RUNS]   (5 by default)
# ZONES_OLD and ZONES_NEW, directories of octoDNS' YAML, add a plan from one to the other.
set -euo pipefail
cd "$(dirname "$0")/.."
runs="${1:-5}"
scripts/install-packages.sh benchmark
scripts/test-tools.sh
swift build -c release --product freshet >&2
bin="$(swift build -c release --show-bin-path)"
freshet="$bin/freshet"
octodns="$PWD/.venv/bin/octodns-sync"
work="$(mktemp -d)"
stages=()
stop() { for stage in "${stages[@]}"; do kill "$stage" 2>/dev/null || true; wait "$stage" 2>/dev/null || true; done; stages=(); }
trap 'stop; rm -rf "$work"' EXIT

# Brings a site's main branch to its presentation, as the running stages would.
present() {
    local config="$1/pipeline.yaml"
    "$freshet" configurator --config "$config" >"$1/configurator.log" 2>&1 & stages+=($!)
    "$freshet" presenter --config "$config" >"$1/presenter.log" 2>&1 & stages+=($!)
    for _ in $(seq 600); do
        if grep -q "presented" "$1/presenter.log"; then stop; return; fi
        sleep 0.1
    done
    cat "$1"/*.log >&2
    exit 1
}

python3 Benchmarks/plan_site.py "$work/yaml" 100000
present "$work/yaml"
# One name at a time, in the working tree: what a reviewer waits for.
cp "$work"/yaml/changed/* "$work/yaml/site/edits/"
python3 Benchmarks/measure.py "plan: 100,000 addresses in YAML, one changed" "$runs" \
    "Freshet" "$freshet plan --config $work/yaml/pipeline.yaml" \
    "octoDNS" "$octodns --config-file $work/yaml/octodns/config.yaml --quiet"
echo
if [[ -n "${ZONES_OLD:-}" ]]; then
    python3 Benchmarks/plan_site.py "$work/zones" "$ZONES_OLD" "$ZONES_NEW"
    present "$work/zones"
    cp "$work"/zones/changed/* "$work/zones/site/edits/"
    python3 Benchmarks/measure.py "plan: zones of octoDNS' YAML, from one state to another" "$runs" \
        "Freshet" "$freshet plan --config $work/zones/pipeline.yaml" \
        "octoDNS" "$octodns --config-file $work/zones/octodns/config.yaml --quiet"
    echo
fi
python3 Benchmarks/plan_rules.py "$work/rules" 1000000
present "$work/rules"
python3 Benchmarks/measure.py "plan: a pack of 1,000,000 records" "$runs" \
    "Freshet, nothing changed" "$freshet plan --config $work/rules/pipeline.yaml"
echo
python3 - "$work/rules/configurator.log" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
took = re.search(r"rule ran.*", text)
print("A million records from the rule to stored shards:", took.group(0) if took else "not found")
PY
