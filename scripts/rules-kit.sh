#!/usr/bin/env bash
# Lays the rules kit beside the freshet program: the library, modules and module
# maps that `freshet rules build` (and the Configurator) compile a site's rules against.
set -euo pipefail
cd "$(dirname "$0")/.."
configuration="${1:-release}"
bin="$(swift build -c "$configuration" --show-bin-path)"
kit="$bin/kit"
mkdir -p "$kit/modules" "$kit/include"
cp -u "$bin/libRulesKit.a" "$kit/"
for module in Rules Documents Validation Pipeline DNSWire SwiftProtobuf Crypto CryptoBoringWrapper Logging Yams; do
    cp -u "$bin/Modules/$module.swiftmodule" "$kit/modules/"
done
# C modules behind those: their headers, each with its module map.
for include in .build/checkouts/Yams/Sources/CYaml/include .build/checkouts/swift-crypto/Sources/C*/include; do
    name="$(basename "$(dirname "$include")")"
    mkdir -p "$kit/include/$name"
    cp -ru "$include/." "$kit/include/$name/"
done
echo "$kit"
