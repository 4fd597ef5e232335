#!/usr/bin/env bash
# What demo/run.sh shows. RUN is its directory, STORE the kind of store.
set -euo pipefail
program="$PWD/.build/release/freshet"
freshet() { "$program" "$@"; }
demo="$PWD/demo"
rules="$PWD/rules"
export FRESHET_CONFIG="$RUN/pipeline.yaml"
proxies=(amsterdam berlin chicago)
zone=mirrors.test

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; else bold="" dim="" plain=""; fi
say() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
show() { printf '%s$ %s%s\n' "$dim" "$*" "$plain"; "$@"; }
fail() {
    echo "demo: $*" >&2
    for log in "$RUN"/*.log; do
        [ -s "$log" ] || continue
        echo "--- $(basename "$log")" >&2
        tail -n 5 "$log" >&2
    done
    exit 1
}

pids=()
stop_all() {
    status=$?
    trap - EXIT INT TERM HUP
    for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    # A proxy that was killed left its daemons serving: they are ours to end.
    for file in "$RUN"/state/*/*.pid; do
        if [ -f "$file" ]; then xargs -r kill -TERM <"$file" 2>/dev/null || true; fi
    done
    exit "$status"
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ "$(ip -br link show lo | awk '{print $2}')" = DOWN ]; then ip link set lo up; fi

start() { # NAME COMMAND…
    local name="$1"
    shift
    "$@" >>"$RUN/$name.log" 2>&1 &
    pids+=($!)
    last=$!
}
tinydns_of() { echo "127.0.53.1$1"; }
unbound_of() { echo "127.0.53.2$1"; }
start_proxy() { # INDEX
    start "proxy-${proxies[$1]}" "$program" proxy --log-format text --set "proxy.host=${proxies[$1]}" \
        --set "proxy.tinydns.address=$(tinydns_of "$1")" --set "proxy.unbound.address=$(unbound_of "$1")" \
        --set "proxy.metrics=$(unbound_of "$1"):9153"
}
commit() { git -C "$RUN/site" add -A && git -C "$RUN/site" commit -qm "$1" && git -C "$RUN/site" rev-parse HEAD; }
wait_for() { # COMMIT PROXIES
    freshet wait --commit "$1" --proxies "$2" --timeout 45 || fail "the change did not reach $2 proxies"
}

for index in "${!proxies[@]}"; do
    for address in "$(tinydns_of "$index")" "$(unbound_of "$index")"; do
        if [ -n "$(ss -Hlnu "src $address:53")" ]; then fail "something listens on $address:53 already"; fi
    done
done

say "A site: rules (Swift), inventory, a git repository"
mkdir "$RUN/site"
cp -r "$demo/site/." "$RUN/site/"
cp -r "$rules" "$RUN/site/rules"
git -C "$RUN/site" init -qb main
git -C "$RUN/site" config user.name "Dana Demo"
git -C "$RUN/site" config user.email "dana@example.org"
first="$(commit "The mirror network and our servers")"
(cd "$RUN" && freshet keys generate >/dev/null)
store="$RUN/store"
if [ "$STORE" = zookeeper ]; then
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null || echo 21811)
    mkdir "$RUN/zookeeper"
    cat >"$RUN/zoo.cfg" <<CONF
tickTime=200
dataDir=$RUN/zookeeper
clientPort=$port
clientPortAddress=127.0.0.1
admin.enableServer=false
4lw.commands.whitelist=srvr
maxClientCnxns=0
minSessionTimeout=400
maxSessionTimeout=60000
CONF
    start zookeeper java -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar \
        org.apache.zookeeper.server.quorum.QuorumPeerMain "$RUN/zoo.cfg"
    for _ in $(seq 100); do
        if { exec 3<>"/dev/tcp/127.0.0.1/$port" && printf srvr >&3 && grep -q Mode: <&3; } 2>/dev/null; then ready=1; break; fi
        sleep 0.1
    done
    [ -n "${ready:-}" ] || fail "ZooKeeper does not serve"
    store="zookeeper://127.0.0.1:$port/freshet"
    echo "ZooKeeper $(printf srvr | { exec 3<>"/dev/tcp/127.0.0.1/$port"; cat >&3; sed -n 's/Zookeeper version: \([0-9.]*\).*/\1/p' <&3; }) on 127.0.0.1:$port"
fi
cat >"$FRESHET_CONFIG" <<CONF
pipeline: mirrors
store: $store
site: {repository: site, branch: main}
packs:
  - {name: site, sources: rules}
inputs:
  debian-mirrors: /usr/share/python-apt/templates/Debian.mirrors
  geoip: /usr/share/tor/geoip
publisher: {heartbeat: 30s}
CONF
cat "$FRESHET_CONFIG"

say "Every stage a process of its own; three proxies, each with its tinydns and unbound"
for stage in configurator presenter publisher; do start "$stage" "$program" "$stage" --log-format text; done
berlin=""
for index in "${!proxies[@]}"; do
    start_proxy "$index"
    if [ "${proxies[$index]}" = berlin ]; then berlin=$last; fi
done
wait_for "$first" 3
show freshet status
show freshet timeline

say "People edit: one name overridden, one added to, one removed, one in conflict"
mkdir -p "$RUN/site/edits"
cp "$demo/changes/edits.yaml" "$RUN/site/edits/mirrors.yaml"
show freshet plan || [ $? = 2 ]
edited="$(commit "Edits for the move of web1")"
wait_for "$edited" 3
show freshet conflicts
show freshet timeline

say "A rule changes: Swift source, reviewed, committed, built, run, live"
sed -i 's|^                for address in server.addresses .*|&\n                TXT(server.name, "in service, says the rule")|' "$RUN/site/rules/Servers.swift"
git -C "$RUN/site" --no-pager diff -U0 --no-color | tail -n 2
show freshet plan || [ $? = 2 ]
ruled="$(commit "Say which servers are in service")"
wait_for "$ruled" 3
show freshet timeline

say "A proxy is killed; its name servers go on; it restarts and catches up"
kill -KILL "$berlin"
wait "$berlin" 2>/dev/null || true
sed -i 's/192.0.2.20/192.0.2.120/' "$RUN/site/inventory/servers.yaml"
moved="$(commit "push1 moves")"
wait_for "$moved" 2
echo "berlin, while its proxy is dead:"
show dig +short "@$(unbound_of 1)" "push1.$zone" A
start_proxy 1
wait_for "$moved" 3
echo "berlin, restarted:"
show dig +short "@$(unbound_of 1)" "push1.$zone" A
show freshet timeline

say "See for yourself"
if [ -n "$ENTER" ]; then
    echo "(in another terminal, first: nsenter --preserve-credentials -U -n -t $(cat "$RUN/namespace.pid") bash)"
fi
show dig +noall +answer "@$(unbound_of 0)" "_freshet.$zone" TXT
show dig +noall +answer "@$(unbound_of 0)" "web1.$zone" A
show dig +noall +answer "@$(unbound_of 2)" -x 192.0.2.10
echo "The map, from two addresses that stand in for Austria and Sweden:"
show dig +noall +answer -b 127.43.0.1 "@$(tinydns_of 0)" "mirror.$zone" CNAME
show dig +noall +answer -b 127.46.0.1 "@$(tinydns_of 0)" "mirror.$zone" CNAME
echo "and as djb's own tinydns-get reads berlin's database for real addresses there:"
for client in 193.170.0.1 130.239.18.1; do
    (cd "$RUN/state/proxy-berlin/tinydns" && show tinydns-get cname "mirror.$zone" "$client" | grep -E '^\$|^answer')
done
echo "Debian's tinydns-data makes a database of the same records: tinydns-get finds the same answers in both."
mkdir "$RUN/judge"
# Names, and clients of the map: more than a few, not all of a million.
questions() {
    grep -v '^%' "$RUN/judge/data" | sed -E 's/^.([^:]*):.*/\1/' | grep -v '\\' | sort -u | awk 'NR % 3 == 1' | head -200
    grep '^%' "$RUN/judge/data" | awk -F '[:]' 'NR % 9000 == 1 && NF > 1 && $2 != "" {
        n = split($2, octet, "."); client = $2; while (n++ < 4) client = client ".1"; print "mirror.'"$zone"' " client }'
}
answers() { # in the database of a directory
    cd "$1" && while read -r name client; do tinydns-get any "$name" ${client:+"$client"} | sort || true; done <"$RUN/judge/questions"
}
for _ in 1 2 3; do # a heartbeat may come in between
    freshet data >"$RUN/judge/data"
    (cd "$RUN/judge" && tinydns-data)
    questions >"$RUN/judge/questions"
    (answers "$RUN/judge") >"$RUN/judge/theirs"
    (answers "$RUN/state/proxy-chicago/tinydns") >"$RUN/judge/ours"
    if cmp -s "$RUN/judge/theirs" "$RUN/judge/ours"; then same=1; break; fi
done
[ -n "${same:-}" ] || fail "tinydns-data makes another database"
echo "$(wc -l <"$RUN/judge/questions") questions, $(grep -c '^answer' "$RUN/judge/ours") answers, all alike"
show freshet explain "web1.$zone" A
show freshet check --zone "$zone" --pipeline mirrors --server "$(unbound_of 1)" --recurse

if [ -n "$KEEP" ]; then
    say "Running until Ctrl-C"
    echo "export FRESHET_CONFIG=$FRESHET_CONFIG    then: $program status"
    echo "The site is $RUN/site: commit there and watch. Metrics: http://$(unbound_of 0):9153/metrics"
    while sleep 3600; do :; done
fi
say "Done: all processes and files of the demo are removed"
