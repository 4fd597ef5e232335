#!/usr/bin/env bash
# All tests: unit, property and differential ones, and the pipeline end to end.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --build-tests
swift build --product RulesKit
scripts/rules-kit.sh debug >/dev/null
scripts/generate-schemas.sh --check

if [ $# -gt 0 ]; then
    swift test --skip-build "$@"
    exit
fi
# Those that start servers have the machine to themselves: they wait on conditions with
# deadlines, which three of them at once on two cores would miss.
servers=(ConfiguratorTests ConsoleTests DNSClientTests StoreTests SwarmTests TransferTests EndToEndTests)
swift test --skip-build --skip "^($(IFS='|'; echo "${servers[*]}"))\\."
for suite in "${servers[@]}"; do swift test --skip-build --filter "^$suite\\."; done

# Whether those who watch for faults would see them; then a minute of killing.
python3 -B -m unittest discover -s Tests/Chaos -t Tests/Chaos
FRESHET="$(swift build --show-bin-path)/freshet" Tests/Chaos/run --only smoke --seconds 2 \
    --cells rule-pack,presenter,publisher,proxy,tinydns,unbound
