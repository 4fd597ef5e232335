"""Many proxies on one ZooKeeper, as sessions only: each has a lease, watches the release, reads it, and reports."""
import statistics
import time

import report
from ensemble import Ensemble
from hosts import Bridge
from processes import Processes
from sessions import Crowd, Session, get_children, get_data, set_data

release_size, lease_size, rounds = 4000, 400, 20


class Proxies:
    def __init__(self, address, count):
        self.address, self.count = address, count
        self.crowd = Crowd()
        self.version = 0
        self.greeted = self.watching = self.read = self.reported = 0
        self.first = self.last = 0.0

    def heard(self, session, kind, body):
        if kind == "greeting":
            self.greeted += 1
            session.create(f"/load/{self.count}-{session.number}", b"x" * lease_size, ephemeral=True)
            session.get("/load-release", watch=True)
        elif kind == "watch":
            session.get("/load-release", watch=True)
        elif kind == get_data:
            version = int.from_bytes(body[4:12], "big")
            self.watching += version == 0
            if version == self.version and version:
                self.read += 1
                self.last = time.monotonic()
                self.first = self.first or self.last
                session.set(f"/load/{self.count}-{session.number}", b"y" * lease_size)
        elif kind == set_data:
            self.reported += 1

    def measure(self):
        start = time.monotonic()
        for number in range(self.count):
            self.crowd.add(Session(self.address, 20_000, self.heard)).number = number
            self.crowd.step(0)
        self.crowd.until(lambda: self.watching >= self.count)
        connected = time.monotonic() - start
        writer = self.crowd.add(Session(self.address, 10_000, lambda *_: None))
        self.crowd.until(lambda: writer.greeted)
        first, last, all_in = [], [], []
        for self.version in range(1, rounds + 1):
            self.read = self.reported = 0
            self.first = 0.0
            begun = time.monotonic()
            writer.set("/load-release", self.version.to_bytes(8, "big") + b"r" * release_size)
            self.crowd.until(lambda: self.read == self.count and self.reported == self.count)
            first.append(self.first - begun)
            last.append(self.last - begun)
            all_in.append(time.monotonic() - begun)
        return connected, first, last, all_in, self.look(writer)

    def look(self, session):
        """As `freshet status` does: list the proxies, read each."""
        found = []
        session.heard = lambda _, kind, body: found.append(kind)
        begun = time.monotonic()
        session.children("/load")
        self.crowd.until(lambda: get_children in found)
        for number in range(self.count):
            session.get(f"/load/{self.count}-{number}")
        self.crowd.until(lambda: found.count(get_data) == self.count)
        return time.monotonic() - begun


def memory(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def run(options, directory, say):
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, max(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    fleet = Processes(directory)
    network = Bridge()
    host = fleet.host("z1", network)
    ensemble = Ensemble(fleet, [host], heap="1g")
    rows = []
    try:
        ensemble.start()
        ensemble.wait()
        # Sessions are made in the server's own network: what is measured is the store.
        host.inside(lambda: prepare((host.address, 2181)))
        for count in [int(word) for word in options.cells.split(",") if word] or [10, 100, 1000]:
            def measure():
                reset((host.address, 2181))
                proxies = Proxies((host.address, 2181), count)
                try:
                    return proxies.measure()
                finally:
                    proxies.crowd.close()
            connected, first, last, all_in, look = host.inside(measure)
            cells = [f"{count:,}", f"{connected * 1000:.0f}", *(f"{statistics.median(v) * 1000:.1f} / {max(v) * 1000:.0f}" for v in (first, last, all_in)),
                     f"{look * 1000:.0f}", f"{memory(fleet.running['z1'].pid):.0f}"]
            rows.append("| " + " | ".join(cells) + " |")
            say("load: " + "  ".join(cells))
    except (TimeoutError, OSError) as error:
        say(f"load: {error}\n{fleet.last_lines()}")
        return False
    finally:
        fleet.stop()
        network.stop()
    heads = ["Proxies", "all connected, ms", "first has read it, ms", "last has read it, ms", "all have reported, ms", "all leases listed and read, ms", "ZooKeeper's memory, MB"]
    text = "\n".join(["| " + " | ".join(heads) + " |", "|" + " ---: |" * len(heads), *rows])
    print(text, flush=True)
    if options.write:
        report.write("scaling.md", "load", text)
    return True


def once(address, work):
    crowd, replies = Crowd(), []
    session = crowd.add(Session(address, 10_000, lambda _, kind, body: replies.append(kind)))
    crowd.until(lambda: session.greeted)
    expected = work(session)
    crowd.until(lambda: len(replies) == 1 + expected)
    crowd.close()


def prepare(address):
    once(address, lambda session: (session.create("/load"), session.create("/load-release", bytes(8)), 2)[-1])


def reset(address):
    once(address, lambda session: (session.set("/load-release", bytes(8) + b"r" * release_size), 1)[-1])
