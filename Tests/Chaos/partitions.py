"""Partitions, slow and lossy networks, a leader that was only asleep: who may still speak, and whether alarms are true."""
import datetime
import json
import re
import shutil
import signal
import subprocess
import time

import report
from judge import lost
from pipeline import Pipeline, tinydns, unbound
from processes import wait_for
from stream import zone
from switch import Switch, between

patience = 180
# No change takes longer than this, whatever is cut for so long as it is here.
bound = 120
warning, critical = 6, 12


class Scenarios:
    def __init__(self, fleet, seconds, say):
        self.fleet, self.seconds, self.say = fleet, seconds, say
        self.members = fleet.ensemble.hosts
        self.told, self.faults, self.sleeping = [], [], None

    def all(self):
        fleet = self.fleet
        p0, p1 = fleet.proxies
        publishers = [fleet.control, fleet.standby]
        return {
            "proxy without the store": lambda: self.cut(between([p0], self.members), silent=[p0]),
            "proxy's packets to the store lost, not those back": lambda: self.cut([(p0, m) for m in self.members], silent=[p0]),
            "leading Publisher without the store": lambda: self.cut(between([self.leader()], self.members), fresh=True),
            "leading Publisher with a minority of the store": self.minority,
            "leading Publisher asleep": self.asleep,
            "proxies without a seeder, a newcomer": lambda: self.newcomer(between(fleet.proxies, publishers), p1),
            "200 ms and 5 % loss on each way": lambda: self.slow(0.2, 0.05),
        }

    def leader(self):
        return self.fleet.control if self.fleet.leads("publisher") else self.fleet.standby

    # What happens

    def cut(self, cuts, silent=(), fresh=False):
        """While it is cut, alarms are about `silent` and nobody else."""
        self.fleet.network.set(cuts)
        time.sleep(self.seconds)
        for host in self.fleet.proxies:
            self.expect(host, 2 if host in silent else 0)

    def minority(self):
        """One member and the leader on one side; the others have the majority."""
        leader, member = self.leader(), self.members[0]
        others = [host for host in self.fleet.hosts.values() if host not in (leader, member)]
        self.cut(between([leader, member], others))

    def asleep(self):
        """Stopped for longer than its session lives, and then it goes on as if nothing had been."""
        name = "publisher" if self.fleet.leads("publisher") else "publisher2"
        self.sleeping = self.fleet.running[name]
        self.sleeping.send_signal(signal.SIGSTOP)
        time.sleep(self.seconds)
        for host in self.fleet.proxies:
            self.expect(host, 0)

    def newcomer(self, cuts, host):
        """It gets everything from its neighbour, and what comes meanwhile from the store."""
        fleet = self.fleet
        fleet.network.set(cuts)
        fleet.kill(host.name)
        for daemon in ("tinydns", "axfrdns", "unbound"):
            fleet.kill_daemon(host, daemon)
        shutil.rmtree(fleet.path(f"state/proxy-{host.name}"))
        for key in [key for key in fleet.observer.newest if key[0].startswith(host.name)]:
            del fleet.observer.newest[key]
        fleet.restart(host.name)
        start = time.monotonic()
        numbers = fleet.stream.numbers.copy()
        wait_for("the newcomer serves while no seeder can be reached", lambda: fleet.seen(numbers), patience)
        self.told.append(f"newcomer serves after {time.monotonic() - start:.1f} s")

    def slow(self, delay, loss):
        self.fleet.network.set(delay=delay, loss=loss)
        time.sleep(max(self.seconds, 30))
        for host in self.fleet.proxies:
            self.expect(host)

    # Alarms

    def check(self, host, server):
        words = [
            self.fleet.program, "check", "--zone", zone, "--pipeline", "chaos", "--server", server, "--warning", str(warning),
            "--critical", str(critical)] + (["--recurse"] if server == unbound else [])
        done = subprocess.run([*host.entering, *words], capture_output=True, text=True)
        return done.returncode, done.stdout.strip()

    def expect(self, host, wanted=None):
        """What the check says is so, by the log of who published; and, if `wanted` is given, it is that."""
        for server in (tinydns, unbound):
            code, words = self.check(host, server)
            now = datetime.datetime.now(datetime.timezone.utc)
            said = re.search(r"age=([\d.]+)s.* release=(\d+)", words)
            published = {number: at for at, number, _ in self.published()}
            if not said or int(said[2]) not in published:
                self.faults.append(("untrue alarm", f"{host.name} at {server}: no release that was published: {words}"))
                continue
            age = (now - datetime.datetime.fromisoformat(published[int(said[2])])).total_seconds()
            due = 2 if age >= critical else 1 if age >= warning else 0
            # What passes between the look and ours, on a busy machine.
            near = min(abs(age - warning), abs(age - critical)) < 3
            if abs(age - float(said[1])) > 3 or code != due and not near or wanted is not None and code != wanted:
                self.faults.append(("untrue alarm", f"{host.name} at {server}: {code}, {words}; it is {age:.1f} s old"))
            if server == tinydns:
                self.told.append(f"{host.name} {['fine', 'warning', 'critical'][code]}")

    # Who published

    def published(self):
        """[(time, number, who)] of all releases, as the Publishers' logs have them."""
        found = []
        for name in ("publisher", "publisher2"):
            with open(self.fleet.path(f"{name}.log"), errors="replace") as file:
                for line in file:
                    if '"published"' in line and line.startswith("{"):
                        entry = json.loads(line)
                        found.append((entry["time"], int(entry["release"]), name))
        return sorted(found)

    def judge_publishers(self):
        releases = self.published()
        numbers = [number for _, number, _ in releases]
        for (_, number, name), (at, after, other) in zip(releases, releases[1:]):
            # Lines are written after the release: two of one process cannot cross, of two only within a moment.
            if after <= number:
                self.faults.append(("two publishers", f"{other} published {after} at {at} after {name} {number}"))
        if len(set(numbers)) != len(numbers):
            self.faults.append(("two publishers", "a number was used twice"))
        return len(releases)

    # A scenario

    def run(self, name, happen):
        fleet = self.fleet
        fleet.observer.take()
        before, refused = len(fleet.stream.changes), fleet.stream.refused
        self.told, self.faults, heals = [], [], []
        fleet.stream.start()
        time.sleep(1)
        try:
            happen()
        except TimeoutError as error:
            self.faults.append(("not healed", str(error)))
        if self.sleeping:
            self.sleeping.send_signal(signal.SIGCONT)
            self.sleeping = None
        fleet.network.set()
        back, numbers = time.monotonic(), fleet.stream.numbers.copy()
        try:
            wait_for("changes made after it are shown", lambda: fleet.seen({g: n + 1 for g, n in numbers.items()}), patience)
            heals.append(time.monotonic() - back)
            wait_for("alarms end", lambda: all(self.check(host, server)[0] == 0 for host in fleet.proxies for server in (tinydns, unbound)), 60)
        except TimeoutError as error:
            self.faults.append(("not healed", str(error)))
        fleet.stream.stop()
        try:
            wait_for("everything accepted is shown", fleet.shows_all, patience)
        except TimeoutError:
            self.faults += [("lost", str(each)) for each in lost(fleet.stream.changes, fleet.shown())]
        self.faults += [("lost", f"{server} answers {found} for {each}") for server, each, found in fleet.missing()]
        # Each name is asked for once more.
        time.sleep(1.5)
        trace = fleet.observer.take()
        verdict = fleet.verdict(trace)
        self.judge_publishers()
        changes = fleet.stream.changes[before:]
        slowest = fleet.waits(trace, changes)
        if max(slowest.values(), default=0) > bound:
            self.faults.append(("not healed", f"a change took {max(slowest.values()):.0f} s"))
        return report.Row(
            name, 1, len([c for c in changes if c.accepted is not None]), fleet.stream.refused - refused, heals, [], list(slowest.values()), 0,
            verdict, self.faults + verdict.faults), "; ".join(self.told)


def run(options, directory, say):
    fleet = Pipeline(directory, Switch(options.seed), 3, more="", log_level="debug", tick=500)
    rows, told = [], []
    try:
        fleet.launch()
        scenarios = Scenarios(fleet, options.seconds or 20, say)
        wanted = [word for word in options.cells.split(",") if word]
        for name, happen in scenarios.all().items():
            if wanted and not any(word in name for word in wanted):
                continue
            row, words = scenarios.run(name, happen)
            rows.append(row)
            told.append(words)
            say(f"{report.line(row)}  {words}")
            for kind, text in row.faults[:10]:
                say(f"    {kind}: {text}")
        say(f"partitions: {scenarios.judge_publishers()} releases, each number once and in order")
    except (TimeoutError, RuntimeError) as error:
        say(f"partitions: {error}\n{fleet.last_lines()}")
        return False
    finally:
        fleet.stop()
    text = report.partitions(rows, told)
    print(text, flush=True)
    if options.write:
        report.write("reliability.md", "partitions", text)
    return bool(rows) and not any(row.faults for row in rows)
