#!/usr/bin/env bash
# All tests: unit, property and differential ones, and the pipeline end to end.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --build-tests
swift build --product RulesKit
scripts/rules-kit.sh debug >/dev/null
scripts/generate-schemas.sh --check
swift test --skip-build "$@"
