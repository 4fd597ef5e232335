#!/usr/bin/env bash
# The main job of Freshet, on one machine: see README.md.
#
#   STORE=embedded|zookeeper   where the stages meet (embedded)
#   KEEP=1                     leave it running until Ctrl-C
#
# tinydns wants port 53 and user ids to drop to: as root this runs as it is; as an
# ordinary user in namespaces of its own, where the system allows these.
set -euo pipefail
cd "$(dirname "$0")/.."
export STORE="${STORE:-embedded}" KEEP="${KEEP:-}"

die() { echo "demo: $*" >&2; exit 1; }
case "$STORE" in embedded | zookeeper) ;; *) die "STORE=$STORE: expected embedded or zookeeper" ;; esac
[ -x .build/release/freshet ] || die "not built: run 'make demo', or 'make build' first"

export RUN
RUN="$(mktemp -d "${TMPDIR:-/tmp}/freshet-demo.XXXXXX")"
chmod 755 "$RUN"

# Whatever happens inside, nothing stays: the inner script is the first process of a
# namespace, and all others end with it.
pid_namespace=(unshare --pid --fork --kill-child --mount-proc)
wrap=()
export ENTER=""
if [ "$(id -u)" = 0 ]; then
    if "${pid_namespace[@]}" true 2>/dev/null; then wrap=("${pid_namespace[@]}"); fi
elif unshare --user --map-root-user --map-auto --net --pid --fork --mount-proc true 2>/dev/null; then
    wrap=(unshare --user --map-root-user --map-auto --net --pid --fork --kill-child --mount-proc)
    export ENTER="in-namespace"
else
    rmdir "$RUN"
    echo "demo: tinydns needs port 53 and two user ids, and this user may not make them." >&2
    if ! command -v newuidmap >/dev/null; then echo "  missing: newuidmap (apt-get install uidmap)" >&2; fi
    if ! grep -q "^$(id -un):" /etc/subuid 2>/dev/null; then echo "  missing: a line for $(id -un) in /etc/subuid and /etc/subgid" >&2; fi
    if ! unshare --user true 2>/dev/null; then echo "  missing: user namespaces (sysctl kernel.unprivileged_userns_clone=1)" >&2; fi
    die "or run it as root: sudo make demo"
fi

inner=""
# Ctrl-C reaches the inner script too, which ends its processes in order.
clean_up() {
    status=$?
    trap - EXIT INT TERM HUP
    if [ -n "$inner" ]; then
        kill -TERM "$inner" 2>/dev/null || true
        wait "$inner" 2>/dev/null || true
    fi
    rm -rf "$RUN"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
"${wrap[@]}" demo/story.sh &
inner=$!
echo "$inner" >"$RUN/namespace.pid"
wait "$inner"
