#!/usr/bin/env bash
# Writes the Swift of schemas/freshet/v1/*.proto to Sources/Pipeline/Generated,
# or with --check fails if what is there is not what the schemas make.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --product protoc-gen-swift >&2
plugin="$(swift build --show-bin-path)/protoc-gen-swift"
out=Sources/Pipeline/Generated
[ "${1:-}" != --check ] || out="$(mktemp -d)"
mkdir -p "$out"
protoc --plugin="$plugin" -I schemas --swift_out="$out" \
    --swift_opt=Visibility=Internal --swift_opt=FileNaming=DropPath --swift_opt=UseAccessLevelOnImports=true \
    schemas/freshet/v1/*.proto
if [ "${1:-}" = --check ]; then
    diff -r "$out" Sources/Pipeline/Generated
    rm -r "$out"
fi
