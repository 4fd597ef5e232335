#!/usr/bin/env bash
# Servers that register all at once over HTTP, each by a call of its own; prints Markdown.
#   Benchmarks/registrations.sh [SERVERS]   (10,000 by default)
# Registrar, stages and one proxy are this machine's; curl is the servers. FRESHET names
# another program than the release build of this tree.
set -euo pipefail
cd "$(dirname "$0")/.."
servers="${1:-10000}"
if [ -z "${FRESHET:-}" ]; then
    swift build -c release --product freshet >&2
    FRESHET="$(swift build -c release --show-bin-path)/freshet"
fi
work="$(mktemp -d)"
chmod 755 "$work"
processes=()
stop() { kill "${processes[@]}" 2>/dev/null || true; wait "${processes[@]}" 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT
mkdir -p "$work/site/edits"
"$FRESHET" keys generate --directory "$work/keys" >/dev/null
digest="$("$FRESHET" keys token "$work/token")"
cat >"$work/site/edits/apex.yaml" <<YAML
edits:
- {action: set, name: bench.test, type: SOA, ttl: 3600, values: ['ns1.bench.test. hostmaster.bench.test. 1 7200 900 1209600 300'], owner: bench, reason: a zone has one}
- {action: set, name: bench.test, type: NS, ttl: 3600, values: [ns1.bench.test.], owner: bench, reason: a zone has one}
YAML
cat >"$work/identities.yaml" <<YAML
identities:
  - name: all
    $digest
    names: ["*.bench.test"]
    lease: 1d
YAML
cat >"$work/pipeline.yaml" <<YAML
pipeline: bench
store: $work/store
site: {repository: $work/site}
registration: {listen: "127.0.0.1:8953", identities: identities.yaml}
proxy: {host: p0, tinydns: {address: 127.0.78.1}, unbound: {address: 127.0.78.2}}
YAML
git -C "$work/site" init -qb main
git -C "$work/site" add -A
git -C "$work/site" -c user.name=bench -c user.email=bench@example.org commit -qm first
for stage in configurator presenter publisher registrar proxy; do
    "$FRESHET" "$stage" --config "$work/pipeline.yaml" --log-format json >"$work/$stage.log" 2>&1 & processes+=($!)
done
until grep -q '"deployed"' "$work/proxy.log"; do sleep 0.1; done
python3 - "$servers" "$work" "$(cat "$work/token")" <<'PY'
import json, socket, subprocess, struct, sys, time
servers, work, token = int(sys.argv[1]), sys.argv[2], sys.argv[3]
# curl has 300 calls under way at most; servers that start at once do not wait for each other.
curls = 8
for part in range(curls):
    with open(f"{work}/calls-{part}", "w") as calls:
        for i in range(part, servers, curls):
            if i >= curls:
                calls.write("next\n")
            body = json.dumps({"registrations": [
                {"name": f"h{i}.bench.test", "type": "A", "values": [f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}"], "lease": "1h"}]})
            calls.write('url = "http://127.0.0.1:8953/v1/registrations"\noutput = /dev/null\nwrite-out = "%{http_code}\\n"\n')
            calls.write(f'header = "Authorization: Bearer {token}"\ndata = {json.dumps(body)}\n')

def answer(i):
    """The address that tinydns has for the i-th server, or nothing."""
    query = struct.pack(">6H", i & 0xFFFF, 0, 1, 0, 0, 0)
    for label in (f"h{i}", "bench", "test"):
        query += bytes([len(label)]) + label.encode()
    query += b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.sendto(query, ("127.0.78.1", 53))
        data = client.recv(512)
    # Behind the question: a pointer to its name, type, class, TTL, length.
    at = len(query) + 12
    return data[at:at + 4] if struct.unpack(">H", data[6:8])[0] else None

start = time.perf_counter()
command = ["curl", "-s", "--parallel", "--parallel-immediate", "--parallel-max", "300", "--config"]
running = [
    subprocess.Popen([*command, f"{work}/calls-{part}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for part in range(curls)]
codes = "".join(curl.communicate()[0] for curl in running).split()
accepted = time.perf_counter() - start
# All of them, in whatever order they came: from the last on, so that a miss is met early.
left = list(range(servers))
deadline = time.perf_counter() + 60
while left and time.perf_counter() < deadline:
    i = left[-1]
    if answer(i) == bytes([10, i >> 16, i >> 8 & 255, i & 255]):
        left.pop()
    else:
        time.sleep(0.002)
live = time.perf_counter() - start - accepted
generations = sum('"registrations"' in line for line in open(f"{work}/registrar.log"))
releases = sum('"deployed"' in line for line in open(f"{work}/proxy.log"))
print(f"| {servers:,} servers register at once | |\n|---|---:|")
print(f"| accepted (HTTP 200) | {codes.count('200'):,} |")
print(f"| seconds until all were accepted, curl's own work with it | {accepted:.2f} |")
print(f"| seconds more until tinydns had answered for each, one query after another | {live:.2f} |")
print(f"| not live after a minute | {len(left)} |")
print(f"| releases that the proxy deployed meanwhile | {releases - 1} |")
PY
