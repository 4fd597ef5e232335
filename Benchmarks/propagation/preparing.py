"""What both commands need first: programs, and namespaces of their own."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

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


def enter(script, keep=False):
    """Runs the script anew as process 1 of namespaces of its own, and returns there with a directory for its work.

    All of it ends, and the directory goes, when this process does.
    """
    if os.getpid() == 1 and "FRESHET_BENCH" in os.environ:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return os.environ["FRESHET_BENCH"]
    work = tempfile.mkdtemp(prefix="propagation")
    # The daemons' users must get through.
    os.chmod(work, 0o755)
    unshare = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    child = subprocess.Popen(
        [*unshare, sys.executable, script, *sys.argv[1:]], env=os.environ | {"FRESHET_BENCH": work})
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda *_: child.kill())
    status = child.wait()
    if keep:
        say(f"kept: {work}")
    else:
        # What was killed may still be ending.
        for _ in range(20):
            shutil.rmtree(work, ignore_errors=True)
            if not os.path.exists(work):
                break
            time.sleep(0.1)
    sys.exit(status if status >= 0 else 128 - status)
