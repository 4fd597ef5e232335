"""The embedded store: a writer killed at every system call, a disk that refuses any of them, a power loss between any two."""
import hashlib
import os
import random
import re
import shutil
import subprocess

import report
from powerloss import replay

calls = ["openat", "pwrite64", "fsync", "rename", "mkdir", "write", "flock", "futimens"]
count = 3


class Trial:
    def __init__(self, directory, program):
        self.directory, self.program = os.path.join(directory, "store"), program
        self.log = os.path.join(directory, "strace")
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, *options, traced="openat,pwrite64,fsync,rename,unlink,mkdir,write,flock"):
        """Runs a writer of `count` values under strace; what it said."""
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", self.log, "-e", f"trace={traced}", "-P", self.directory, *options,
             self.program, "write", self.directory, "a/value", str(count)], capture_output=True, text=True)
        return done

    def show(self):
        return subprocess.run([self.program, "show", self.directory, "a/value", "-"], capture_output=True, text=True)


def number(shown):
    """The number of a whole value with a whole blob; a word for any other."""
    if shown == "nothing":
        return 0
    found = re.fullmatch(r"whole (\d+) [0-9a-f]{64} ([\d,]*)\.", shown)
    if not found or found[2] != f"{found[1]}," * 300:
        return f"torn: {shown[:80]}"
    return int(found[1])


def told(output):
    """(wrote, failed): the numbers that a writer said of."""
    return [[int(line.split()[1]) for line in output.splitlines() if line.startswith(word)] for word in ("wrote ", "failed ")]


class Durability:
    def __init__(self, directory, say):
        self.directory, self.say = directory, say
        os.makedirs(directory, exist_ok=True)
        self.program = os.path.join(os.path.dirname(os.environ["FRESHET"]), "store-probe")
        self.faults, self.rows = [], []

    def trial(self):
        return Trial(self.directory, self.program)

    def fault(self, words):
        self.faults.append(words)
        self.say(f"    {words}")

    def places(self):
        """How often a writer makes each call on the store: strace counts so with the same options."""
        trial = self.trial()
        done = trial.write()
        assert told(done.stdout) == [list(range(1, count + 1)), []], done.stdout + done.stderr
        counts = {}
        with open(trial.log) as file:
            for line in file:
                found = re.match(r"\d+ +(\w+)\(", line)
                if found:
                    counts[found[1]] = counts.get(found[1], 0) + 1
        return counts

    def killed(self, places):
        """SIGKILL instead of the nth call, for every n."""
        trials = 0
        for name, most in places.items():
            for n in range(1, most + 1):
                trial = self.trial()
                done = trial.write("-e", f"inject={name}:signal=KILL:when={n}")
                wrote, failed = told(done.stdout)
                self.check(trial, f"killed at {name} {n}", wrote, failed)
                trials += 1
        self.rows.append(("killed before and after every system call of a writer", trials))

    def check(self, trial, what, wrote, failed):
        shown = number(trial.show().stdout.strip())
        newest = max(wrote, default=0)
        # Those that failed, or were under way, may be there: the next one at most.
        if not isinstance(shown, int) or not newest <= shown <= max([newest + 1, *failed]):
            self.fault(f"{what}: wrote {wrote}, failed {failed}, and there is {shown}")
            return
        # And the store is as good as before.
        after = trial.write()
        if told(after.stdout)[0] != list(range(1, count + 1)) or number(trial.show().stdout.strip()) != count:
            self.fault(f"{what}: cannot be written afterwards: {after.stdout[-300:]}{after.stderr[-300:]}")

    def refused(self, places, error):
        """The nth call fails, for every n: it is said, and nothing is half done."""
        trials = silent = 0
        for name, most in places.items():
            if name in ("write", "flock", "unlink"):
                continue
            for n in range(1, most + 1):
                trial = self.trial()
                done = trial.write("-e", f"inject={name}:error={error}:when={n}")
                wrote, failed = told(done.stdout)
                trials += 1
                if not failed and done.returncode == 0 and len(wrote) == count:
                    silent += 1
                    self.fault(f"{error} at {name} {n} was not reported")
                if failed and os.strerror(getattr(__import__("errno"), error)) not in done.stdout:
                    self.fault(f"{error} at {name} {n} is told as {done.stdout[-200:]}")
                self.check(trial, f"{error} at {name} {n}", wrote, failed)
        self.rows.append((f"{error} at every system call that may answer so", trials))

    def power(self, chances):
        """A power loss after any call: what was acknowledged is there, whole, with its blob."""
        trial = self.trial()
        done = trial.write("-y", "-xx", "-s", "100000")
        # The acknowledgements go to a pipe, which -P leaves out: written down in a run of their own order.
        trial = self.trial()
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", trial.log, "-y", "-xx", "-s", "100000", "-e",
             "trace=openat,pwrite64,fsync,rename,unlink,write,syncfs", trial.program, "write", trial.directory, "a/value", str(count)],
            capture_output=True, text=True)
        assert told(done.stdout)[0] == list(range(1, count + 1)), done.stdout + done.stderr
        with open(trial.log, errors="replace") as file:
            lines = file.readlines()
        chance, states, seen = random.Random(5), 0, set()
        for disk, words in replay(lines, trial.directory):
            wrote = told("\n".join(words))[0]
            for _ in range(chances):
                left = disk.after_loss(chance)
                states += 1
                found = self.judge(left, trial.directory)
                seen.add(found)
                newest = max(wrote, default=0)
                if not isinstance(found, int) or not newest <= found <= newest + 1:
                    self.fault(f"power loss after {wrote}: there is {found}")
                    return
        if seen != set(range(count + 1)):
            self.fault(f"the power losses left only {seen}: is the trace whole?")
        self.rows.append(("power lost between any two of them (what was not synced may be there, in part, or not)", states))

    @staticmethod
    def judge(left, root):
        """The number of the value in files, by an eye of its own."""
        value = left.get(f"{root}/values/a/value=")
        if value is None:
            return 0
        words = value[8:].decode("latin-1").split(" ")
        if len(words) != 3 or words[2] != f"{words[0]}," * 300 + ".":
            return "torn"
        blob = left.get(f"{root}/blobs/{words[1][:2]}/{words[1]}", b"")
        if hashlib.sha256(blob).hexdigest() != words[1]:
            return "a value without its blob"
        return int(words[0])


def run(options, directory, say):
    trials = Durability(directory, say)
    places = trials.places()
    say(f"durability: a writer's calls: {places}")
    trials.power(200)
    trials.refused(places, "ENOSPC")
    trials.refused(places, "EIO")
    trials.killed(places)
    text = "| What | times | lost, torn, half applied, not reported |\n| --- | ---: | ---: |\n" + "\n".join(
        f"| {what} | {times:,} | {len(trials.faults)} |" for what, times in trials.rows)
    print(text, flush=True)
    if options.write:
        report.write("reliability.md", "durability", text)
    return not trials.faults
