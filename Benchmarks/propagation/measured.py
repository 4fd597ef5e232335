"""What is measured of one system with one workload."""
import random
import statistics
import time

from fleet import Usage
from poller import Poller


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Singles:
    """Changes of one record, handed over in one way. Seconds."""

    def __init__(self, way):
        self.way, self.called, self.accepted, self.taken = way, [], [], []
        self.cpu, self.octets, self.stages = {}, 0, []

    def add(self, outcome):
        self.called.append(outcome.last)
        self.accepted.append(outcome.accepted)
        # A server may be right before the one who asked for it is told.
        self.taken.append(max(0.0, outcome.last - outcome.accepted))

    @property
    def count(self):
        return len(self.taken)


class Measured:
    """One system's figures; `failure` says why there are no more."""

    def __init__(self, title):
        self.title, self.singles, self.many_stages = title, [], []
        self.load = self.many = self.many_octets = self.renewed = self.failure = None
        self.many_way, self.many_cpu, self.peak, self.count = "", {}, {}, {}


def measure(fleet, changes, budget, say):
    """Runs `fleet` through everything; it is stopped by the caller."""
    found, poller, load = Measured(fleet.title), Poller(), fleet.workload
    try:
        begun = time.monotonic()
        fleet.launch()
        first = load.bulk_expected(0) + [(load.single(k), load.address(k, 0)) for k in range(load.singles)]
        poller.wait(fleet.servers, first, patience=900)
        found.load = time.monotonic() - begun
        say(f"{fleet.title}: loaded in {found.load:.1f} s")
        for way in fleet.ways:
            singles = Singles(way)
            found.singles.append(singles)
            one_by_one(fleet, poller, singles, changes, budget)
            say(f"{fleet.title}: {way}: {singles.count} changes, median {statistics.median(singles.called) * 1000:.1f} ms")
        before, outcomes, ours = Usage(), [], 0
        for version in (1, 2, 3):
            hand, expected = fleet.change_many(version)
            before = before if outcomes else Usage()
            outcomes.append(poller.wait(fleet.servers, expected, hand))
            say(f"  accepted after {outcomes[-1].accepted:.2f} s, on the last after {outcomes[-1].last:.2f} s")
            ours += outcomes[-1].octets
            if hasattr(fleet, "timeline"):
                found.many_stages.append(fleet.timeline())
        found.many_cpu, octets = Usage().since(before)
        found.many_cpu = {name: cpu / len(outcomes) for name, cpu in found.many_cpu.items()}
        found.many_octets = (octets - ours) / len(outcomes)
        found.many = statistics.median(outcome.last for outcome in outcomes)
        found.many_way = fleet.way_of_many
        say(f"{fleet.title}: {load.at_once} at once: {found.many:.2f} s")
        renewed = []
        for turn in range(3):
            begin = fleet.renew(turn % len(fleet.servers))
            start = time.monotonic()
            begin()
            poller.wait([fleet.servers[turn % len(fleet.servers)]], load.bulk_expected(3))
            renewed.append(time.monotonic() - start)
        found.renewed = statistics.median(renewed)
        say(f"{fleet.title}: a new server: {found.renewed:.2f} s")
    except Exception as error:  # One system's failure is a line of the report.
        found.failure = f"{type(error).__name__}: {error}"
        say(f"{fleet.title}: {found.failure}\n{fleet.last_lines()}")
    usage = Usage()
    found.peak, found.count = usage.peak, usage.count
    return found


def one_by_one(fleet, poller, singles, changes, budget):
    started, pause = time.monotonic(), random.Random(7)
    before, ours = None, 0
    for number in range(changes + 1):
        k = number % fleet.workload.singles
        hand, expected = fleet.change(singles.way, k, number // fleet.workload.singles + 1)
        time.sleep(pause.uniform(0.02, 0.12))
        outcome = poller.wait(fleet.servers, expected, hand)
        # The first warms what is cold.
        if number == 0:
            before = Usage()
            continue
        singles.add(outcome)
        ours += outcome.octets
        if number <= 20 and hasattr(fleet, "timeline"):
            singles.stages.append(fleet.timeline())
        if time.monotonic() - started > budget:
            break
    cpu, octets = Usage().since(before)
    singles.cpu = {name: seconds / singles.count for name, seconds in cpu.items()}
    singles.octets = max(0, octets - ours) / singles.count
