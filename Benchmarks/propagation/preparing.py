"""What both commands need first: programs, and namespaces of their own."""
import os
import shutil
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def say(words):
    print(words, file=sys.stderr, flush=True)


def number(word):
    """1000, 10k, 1m."""
    unit = {"k": 1000, "m": 1_000_000}.get(word[-1].lower())
    return int(word[:-1]) * unit if unit else int(word)


def require(programs):
    """Ends with the packages' names if programs ({name or path: package}) are missing."""
    wanted = programs | {"ip": "iproute2", "unshare": "util-linux"}
    missing = {
        package for program, package in wanted.items() if not shutil.which(program) and not os.path.exists(program)}
    if missing:
        sys.exit(f"These Debian packages are missing: {' '.join(sorted(missing))} (scripts/install-packages.sh benchmark)")
    if os.geteuid():
        sys.exit("This needs root: name servers want port 53")


def build_freshet():
    """Leaves the program's path in FRESHET."""
    if "FRESHET" not in os.environ:
        swift = ["swift", "build", "-c", "release"]
        subprocess.run([*swift, "--product", "freshet"], cwd=root, check=True, stdout=sys.stderr)
        shown = subprocess.run([*swift, "--show-bin-path"], cwd=root, check=True, capture_output=True, text=True)
        os.environ["FRESHET"] = os.path.join(shown.stdout.strip(), "freshet")
    os.environ["FRESHET"] = os.path.realpath(os.environ["FRESHET"])


def enter(script):
    """Runs the script anew as process 1 of namespaces of its own, with a loopback of its own."""
    if os.getpid() != 1 or "FRESHET_BENCH" not in os.environ:
        os.environ["FRESHET_BENCH"] = "inside"
        unshare = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        sys.stdout.flush()
        os.execvp("unshare", [*unshare, sys.executable, script, *sys.argv[1:]])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
