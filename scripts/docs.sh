#!/usr/bin/env bash
# The documentation of DNSWire, as a site in .build/docs; fails on a link that leads
# nowhere and on a public symbol without a docstring.
set -euo pipefail
cd "$(dirname "$0")/.."
graphs=.build/symbol-graphs
rm -rf "$graphs"
mkdir -p "$graphs"
swift build --target DNSWire >/dev/null
swift-symbolgraph-extract -module-name DNSWire -I "$(swift build --show-bin-path)/Modules" \
    -target "$(swiftc -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["target"]["unversionedTriple"])')" \
    -minimum-access-level public -output-dir "$graphs" -skip-synthesized-members
python3 - "$graphs/DNSWire.symbols.json" <<'PYTHON'
import json, sys

graph = json.load(open(sys.argv[1]))
# What a protocol of the standard library asks for is documented there.
inherited = {r["source"] for r in graph["relationships"] if r.get("sourceOrigin")}
bare = [s for s in graph["symbols"] if "docComment" not in s and s["identifier"]["precise"] not in inherited]
OBVIOUS = ("description", "init(rawValue:)", "rawValue", "==(_:_:)", "hash(into:)", "RawValue", "Element", "ArrayLiteralElement")
bare = [s for s in bare if s["pathComponents"][-1] not in OBVIOUS]
for symbol in bare:
    place = symbol.get("location", {})
    print(f'{place.get("uri", "").rsplit("/", 1)[-1]}:{place.get("position", {}).get("line", -1) + 1}: '
          f'{".".join(symbol["pathComponents"])} is not documented', file=sys.stderr)
sys.exit(1 if bare else 0)
PYTHON
docc convert Sources/DNSWire/DNSWire.docc --additional-symbol-graph-dir "$graphs" --output-path .build/docs \
    --fallback-display-name DNSWire --fallback-bundle-identifier org.freshet.DNSWire --warnings-as-errors
echo "the documentation is in .build/docs; see it with: docc preview, or any web server" >&2
