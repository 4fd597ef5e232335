"""The kill matrix: SIGKILL at random moments under a steady stream of changes, for each kind of process."""
import os
import random
import shutil
import signal
import threading
import time

import report
from hosts import Bridge
from judge import lost
from pipeline import Pipeline
from processes import wait_for

patience = 120


class Cell:
    """One kind of process: `strike` kills it, and starts it again where nobody else does."""

    def __init__(self, name, strike, watched=None, pause=(0.3, 2.0), last=None):
        self.name, self.strike, self.watched, self.pause, self.last = name, strike, watched, pause, last


class Matrix:
    def __init__(self, fleet, seed, seconds, say):
        self.fleet, self.random, self.seconds, self.say = fleet, random.Random(seed), seconds, say
        self.moved = []

    def cells(self):
        stages = [Cell(name, lambda name=name: self.process(name)) for name in ("configurator", "presenter", "registrar")]
        found = [
            Cell("rule pack", self.pack, last=self.last_pack), *stages, Cell("publisher", self.publisher),
            Cell("seeder", self.seeder, watched=["p0"]),
            Cell("proxy", lambda: self.process(self.random.choice(self.fleet.proxies).name)),
            Cell("tinydns", lambda: self.daemon("tinydns")), Cell("unbound", lambda: self.daemon("unbound")),
        ]
        if self.fleet.ensemble:
            members = self.fleet.ensemble.hosts
            found += [
                Cell("ZooKeeper member", lambda: self.process(self.random.choice(members).name, away=(1.0, 3.0))),
                Cell("ZooKeeper ensemble", lambda: self.process(*[host.name for host in members], away=(1.0, 4.0))),
            ]
        return found

    # What is killed

    def away(self, least=0.2, most=2.0):
        time.sleep(self.random.uniform(least, most))

    def process(self, *names, away=(0.2, 2.0)):
        self.fleet.kill(*names)
        self.away(*away)
        for name in names:
            self.fleet.restart(name)

    def daemon(self, name):
        host = self.random.choice(self.fleet.proxies)
        wait_for(f"{name} runs", lambda: self.fleet.kill_daemon(host, name))

    def pack(self):
        """While it is at work."""
        killed = []

        def found():
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/cmdline") as file:
                        if "pack.py\0run" in file.read():
                            os.kill(int(pid), signal.SIGKILL)
                            killed.append(pid)
                except OSError:
                    pass
            return killed
        end = time.monotonic() + patience
        while not found() and time.monotonic() < end:
            time.sleep(0.002)

    def last_pack(self):
        """Over the last change of all, after which no other comes to help."""
        wait_for("what was before it is shown", self.fleet.shows_all, patience)
        committing = threading.Thread(target=self.fleet.stream.commit)
        committing.start()
        self.pack()
        committing.join()

    def publisher(self):
        """The one that leads; the other has to take over."""
        fleet = self.fleet
        leader, other = ("publisher", "publisher2") if fleet.leads("publisher") else ("publisher2", "publisher")
        terms = fleet.count_in_log(other, '"leading"')
        fleet.kill(leader)
        # What the dead one wrote of its leadership is history.
        with open(fleet.path(f"{leader}.log"), "a") as log:
            log.write('{"message":"leadership lost"} (killed)\n')
        start = time.monotonic()
        wait_for("the other Publisher leads", lambda: fleet.count_in_log(other, '"leading"') > terms, patience)
        self.moved.append(time.monotonic() - start)
        fleet.restart(leader)

    def seeder(self):
        """Who seeds dies while a newcomer fetches; the newcomer has to get all of it in the end."""
        fleet, host = self.fleet, self.fleet.proxies[1]
        fleet.kill(host.name)
        for daemon in ("tinydns", "axfrdns", "unbound"):
            fleet.kill_daemon(host, daemon)
        shutil.rmtree(fleet.path(f"state/proxy-{host.name}"))
        # What it showed was in another life.
        for key in [key for key in fleet.observer.newest if key[0].startswith(host.name)]:
            del fleet.observer.newest[key]
        fleet.restart(host.name)
        self.away(0.0, 0.7)
        self.publisher()

    # A cell

    def run(self, cell):
        fleet = self.fleet
        fleet.observer.take()
        before = len(fleet.stream.changes)
        refused = fleet.stream.refused
        self.moved, heals, faults = [], [], []
        fleet.stream.start()
        end = time.monotonic() + self.seconds
        kills = 0
        while time.monotonic() < end or kills < 2:
            time.sleep(self.random.uniform(*cell.pause))
            cell.strike()
            kills += 1
            # Now and then again before it has healed.
            if self.random.random() < 0.3:
                time.sleep(self.random.uniform(0.0, 0.3))
                cell.strike()
                kills += 1
            back = time.monotonic()
            newer = {group: number + 1 for group, number in fleet.stream.numbers.items()}
            try:
                wait_for("changes made after it was back are shown", lambda: fleet.seen(newer), patience)
                heals.append(time.monotonic() - back)
            except TimeoutError as error:
                faults.append(("not healed", str(error)))
                break
        fleet.stream.stop()
        if cell.last:
            cell.last()
        stopped = time.monotonic()
        try:
            wait_for("everything accepted is shown", fleet.shows_all, patience)
        except TimeoutError:
            faults += [
                ("lost", f"{server} shows {found} of {group}, {wanted} was accepted")
                for server, group, found, wanted in lost(fleet.stream.changes, fleet.shown())]
        settled = time.monotonic() - stopped
        faults += [("lost", f"{server} answers {found} for {name}") for server, name, found in fleet.missing()]
        # Each name is asked for once more.
        time.sleep(1.0)
        trace = fleet.observer.take()
        watched = [server.name for server in fleet.servers if not cell.watched or server.name.split("/")[0] in cell.watched]
        verdict = fleet.verdict([reading for reading in trace if reading.server in watched])
        changes = fleet.stream.changes[before:]
        slowest = fleet.waits(trace, changes, watched)
        return report.Row(
            cell.name, kills, len([c for c in changes if c.accepted is not None]), fleet.stream.refused - refused, heals, self.moved,
            list(slowest.values()), settled, verdict, faults + verdict.faults)


def run(options, directory, say):
    fleet = Pipeline(directory, Bridge(), 0 if options.only == "smoke" else 3)
    rows = []
    try:
        start = time.monotonic()
        fleet.launch()
        say(f"kill: the fleet is up after {time.monotonic() - start:.0f} s")
        matrix = Matrix(fleet, options.seed, options.seconds or 15, say)
        wanted = [name.strip().replace("-", " ") for name in options.cells.split(",") if name.strip()]
        for cell in matrix.cells():
            if wanted and cell.name.replace("ZooKeeper ", "") not in wanted and cell.name not in wanted:
                continue
            rows.append(matrix.run(cell))
            say(report.line(rows[-1]))
            for kind, words in rows[-1].faults[:10]:
                say(f"    {kind}: {words}")
            if rows[-1].faults:
                say(fleet.last_lines(12))
    except (TimeoutError, RuntimeError) as error:
        say(f"kill: {error}\n{fleet.last_lines()}")
        return False
    finally:
        fleet.stop()
    text = report.matrix(rows)
    print(text, flush=True)
    if options.write:
        report.write("reliability.md", "kill matrix", text)
    return bool(rows) and not any(row.faults for row in rows)
