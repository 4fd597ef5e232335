"""The embedded store: a writer killed at every system call, a disk that refuses any of them, a power loss between any two."""
import collections
import errno
import hashlib
import os
import random
import re
import shutil
import subprocess

import report
from powerloss import replay

count = 3


class Trial:
    def __init__(self, directory, program):
        self.directory, self.program = os.path.join(directory, "store"), program
        self.library, self.log = os.path.join(directory, "fault.so"), os.path.join(directory, "calls")
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, **faults):
        """Runs a writer of `count` values, with a fault (fault.c); what it said."""
        words = {name.upper(): str(value) for name, value in faults.items()}
        if words:
            words |= {"LD_PRELOAD": self.library, "FAULT_ROOT": self.directory}
        return subprocess.run(
            [self.program, "write", self.directory, "a/value", str(count)], capture_output=True, text=True, env=os.environ | words)

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

    def calls(self):
        """A writer's calls on files of the store, in order."""
        trial = self.trial()
        done = trial.write(fault_log=trial.log)
        assert told(done.stdout) == [list(range(1, count + 1)), []], done.stdout + done.stderr
        with open(trial.log) as file:
            return file.read().split()

    def killed(self, calls):
        """SIGKILL before the nth call, and after it, for every n."""
        for fault in ("kill", "killed"):
            for n, name in enumerate(calls, 1):
                trial = self.trial()
                done = trial.write(fault=fault, fault_at=n)
                if done.returncode != -9:
                    self.fault(f"{fault} at {name} {n} did not happen: {done.returncode} {done.stderr[-200:]}")
                self.check(trial, f"{fault} at {name} {n}", *told(done.stdout))
        self.rows.append(("killed before and after each call of a writer", 2 * len(calls)))

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

    def refused(self, calls, error, names):
        """The nth call fails, for every n: it is said, and nothing is half done."""
        trials = 0
        for n, name in enumerate(calls, 1):
            if name not in names:
                continue
            trial = self.trial()
            done = trial.write(fault="short" if error == "short" else getattr(errno, error), fault_at=n)
            wrote, failed = told(done.stdout)
            trials += 1
            reason = os.strerror(errno.ENOSPC if error == "short" else getattr(errno, error))
            if len(wrote) == count or reason not in done.stdout + done.stderr:
                self.fault(f"{error} at {name} {n} is not told: {done.returncode} {done.stdout[-200:]}{done.stderr[-200:]}")
            self.check(trial, f"{error} at {name} {n}", wrote, failed)
        self.rows.append((f"{'half of a write, then ENOSPC' if error == 'short' else error} at each call that may answer so", trials))

    def power(self, chances):
        """A power loss after any call: what was acknowledged is there, whole, with its blob."""
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
    library = os.path.join(directory, "fault.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, os.path.join(os.path.dirname(os.path.realpath(__file__)), "fault.c"), "-ldl"], check=True)
    calls = trials.calls()
    say(f"durability: a writer's calls: {', '.join(f'{n} {name}' for name, n in sorted(collections.Counter(calls).items()))}")
    trials.power(100)
    say("durability: power losses are through")
    trials.refused(calls, "ENOSPC", ("open", "pwrite", "fsync", "rename", "mkdir"))
    trials.refused(calls, "short", ("pwrite",))
    trials.refused(calls, "EIO", ("open", "pwrite", "fsync", "rename", "mkdir", "flock"))
    say("durability: refused calls are through")
    trials.killed(calls)
    text = "| What | times | lost, torn, half applied, not told |\n| --- | ---: | ---: |\n" + "\n".join(
        f"| {what} | {times:,} | {len(trials.faults)} |" for what, times in trials.rows)
    print(text, flush=True)
    if options.write:
        report.write("reliability.md", "durability", text)
    return not trials.faults
