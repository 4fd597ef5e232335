#!/usr/bin/env bash
# What rings cost who has none, and who has one: from a commit until the last of three
# proxies' tinydns answers with it; prints Markdown.
#   Benchmarks/rollout.sh [CHANGES]    (40 a block by default; four blocks)
# One fleet on this machine; between blocks its Publisher alone is started anew, with
# rings and without, turn about. FRESHET names another program than the release build of this tree.
set -euo pipefail
cd "$(dirname "$0")/.."
changes="${1:-40}"
if [ -z "${FRESHET:-}" ]; then
    swift build -c release --product freshet >&2
    FRESHET="$(swift build -c release --show-bin-path)/freshet"
fi
work="$(mktemp -d)"
chmod 755 "$work"
processes=()
stop() { kill $(cat "$work/publisher.pid" 2>/dev/null) "${processes[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT
mkdir -p "$work/site/edits"
"$FRESHET" keys generate --directory "$work/keys" >/dev/null
cat >"$work/site/edits/apex.yaml" <<YAML
edits:
- {action: set, name: bench.test, type: SOA, ttl: 3600, values: ['ns1.bench.test. hostmaster.bench.test. 1 7200 900 1209600 300'], owner: bench, reason: a zone has one}
- {action: set, name: bench.test, type: NS, ttl: 3600, values: [ns1.bench.test.], owner: bench, reason: a zone has one}
YAML
cat >"$work/none.yaml" <<YAML
pipeline: bench
store: $work/store
site: {repository: $work/site}
YAML
cp "$work/none.yaml" "$work/one.yaml"
echo 'rollout: {rings: [{name: all, percent: 100, soak: 1ms}]}' >>"$work/one.yaml"
git -C "$work/site" init -qb main
git -C "$work/site" add -A
git -C "$work/site" -c user.name=bench -c user.email=bench@example.org commit -qm first
for stage in configurator presenter; do
    "$FRESHET" "$stage" --config "$work/none.yaml" --log-format json >"$work/$stage.log" 2>&1 & processes+=($!)
done
for i in 1 2 3; do
    "$FRESHET" proxy --config "$work/none.yaml" --log-format json --set "proxy.host=p$i" --set "proxy.tinydns.address=127.0.79.$i" \
        --set "proxy.unbound.address=127.0.80.$i" >"$work/p$i.log" 2>&1 & processes+=($!)
done
python3 - "$changes" "$work" "$FRESHET" <<'PY'
import random, re, shutil, socket, statistics, struct, subprocess, sys, time
changes, work, freshet = int(sys.argv[1]), sys.argv[2], sys.argv[3]
servers = [f"127.0.79.{i}" for i in (1, 2, 3)]
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(0.5)

def answer(server, want):
    query = struct.pack(">6H", random.randrange(65536), 0, 1, 0, 0, 0) + b"\1h\5bench\4test\0" + struct.pack(">2H", 1, 1)
    try:
        client.sendto(query, (server, 53))
        while (data := client.recv(512))[:2] != query[:2]:
            pass
    except OSError:
        return False
    return data[6:8] != b"\0\0" and data[len(query) + 12:len(query) + 16] == want

def until(what, condition, seconds=60):
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            sys.exit(f"not within {seconds} s: {what}")
        time.sleep(0.0005)

git = ["git", "-C", f"{work}/site", "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
number = 0

def change():
    """Seconds from the commit until all three have it."""
    global number
    number += 1
    address = bytes([10, 0, number >> 8, number & 255])
    with open(f"{work}/site/edits/h.yaml", "w") as file:
        file.write("edits: [{action: set, name: h.bench.test, type: A, values: ['%s'], owner: o, reason: r}]\n" % socket.inet_ntoa(address))
    subprocess.run(git + ["add", "-A"], check=True)
    subprocess.run(git + ["commit", "-qm", "change"], check=True)
    start = time.perf_counter()
    for server in servers:
        until(f"{address} at {server}", lambda: answer(server, address))
    return time.perf_counter() - start

def settled():
    return " is in ring " not in subprocess.run(
        [freshet, "rollout", "--config", f"{work}/one.yaml"], capture_output=True, text=True).stdout

def block(name, count):
    log = open(f"{work}/publisher.log", "a")
    publisher = subprocess.Popen([freshet, "publisher", "--config", f"{work}/{name}.yaml", "--log-format", "json"], stdout=log, stderr=log)
    with open(f"{work}/publisher.pid", "w") as file:
        file.write(str(publisher.pid))
    times = []
    for i in range(count + 3):
        took = change()
        # The first ones meet a Publisher that starts.
        if i > 2:
            times.append(took)
        until("the fleet has it", settled)
        time.sleep(0.2)
    publisher.terminate()
    publisher.wait()
    return times

def quantiles(times):
    times = sorted(times)
    return f"{times[len(times) // 10] * 1e3:.0f} | {statistics.median(times) * 1e3:.0f} | {times[len(times) * 9 // 10] * 1e3:.0f}"

block("none", 3)
blocks = [(name, block(name, changes)) for name in ("none", "one", "none", "one")]
names = {"none": "no rings", "one": "one ring, all proxies"}
print("| commit until the last of 3 proxies serves it, ms | 10 % | median | 90 % |\n|---|---:|---:|---:|")
for index, (name, times) in enumerate(blocks):
    print(f"| {names[name]}, block {index + 1} of {len(times)} | {quantiles(times)} |")
for name, words in names.items():
    print(f"| {words}, all | {quantiles([t for n, block in blocks for t in block if n == name])} |")
PY
