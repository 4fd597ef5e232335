#!/usr/bin/env bash
# Installs the Debian packages that are missing, if it may; else says which.
#   scripts/install-packages.sh build|demo|zookeeper|test|benchmark
set -euo pipefail

build=(git g++ pkg-config libzookeeper-mt-dev libtorrent-rasterbar-dev libssl-dev)
serve=(tinydns axfrdns ucspi-tcp djbdns-utils unbound bind9-dnsutils iproute2 procps tar)
demo=("${serve[@]}" python-apt-common tor-geoipdb)
zookeeper=(zookeeper default-jre-headless)
test=("${demo[@]}" "${zookeeper[@]}" prometheus tinycdb protobuf-compiler python3-venv curl openssl bind9 bind9-utils ldnsutils knot-dnsutils nsd knot pdns-server pdns-backend-sqlite3 sqlite3 exabgp bird2 gcc strace)
benchmark=(gcc nginx-light curl libldns-dev ldnsutils bind9-utils python3-venv "${serve[@]}" bind9 knot nsd dnsperf)

case "${1:-}" in
    build) wanted=("${build[@]}") ;;
    demo) wanted=("${build[@]}" "${demo[@]}") ;;
    zookeeper) wanted=("${zookeeper[@]}") ;;
    test) wanted=("${build[@]}" "${test[@]}") ;;
    benchmark) wanted=("${build[@]}" "${benchmark[@]}") ;;
    *) echo "usage: $0 build|demo|zookeeper|test|benchmark" >&2; exit 64 ;;
esac

command -v dpkg-query >/dev/null || { echo "This needs Debian (or a relative): dpkg is missing." >&2; exit 69; }
missing=()
for package in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
done
# Any Java runtime will do.
if command -v java >/dev/null; then missing=("${missing[@]/default-jre-headless/}"); fi
read -ra missing <<<"${missing[*]:-}" || true
[ "${#missing[@]}" -gt 0 ] || exit 0

install=(apt-get install -y --no-install-recommends "${missing[@]}")
sudo=()
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo=(sudo)
    else
        echo "Debian packages are missing. Install them and run this again:" >&2
        echo "    sudo ${install[*]}" >&2
        exit 69
    fi
fi
echo "installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
# Daemons that come with these packages are not to start: tests and demos run their own.
policy=/usr/sbin/policy-rc.d
ours=""
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
    ours="$policy"
fi
trap 'rm -f "$log"; if [ -n "$ours" ]; then "${sudo[@]}" rm -f "$ours"; fi' EXIT
if ! { "${sudo[@]}" apt-get update && "${sudo[@]}" "${install[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    exit 69
fi
