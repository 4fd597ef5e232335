"""Hours of random events, and at each quiet moment the name servers show what a naive model says; nothing grows."""
import datetime
import json
import os
import random
import statistics
import time

import report
from asking import ask_once, encode
from hosts import Bridge
from pipeline import Pipeline
from processes import wait_for
from stream import zone

patience = 120
# Growth that is none: what is kept in memory is bounded, yet not full from the first minute.
allowed = {"memory MB": (1.3, 40), "descriptors": (1.2, 12), "store nodes": (1.3, 300), "disk MB": (1.5, 60)}


class Model:
    """Who wants which address for which name; an edit goes before a registration."""

    def __init__(self):
        self.edits, self.hosts, self.rule = {}, {}, 0

    def expected(self, names, now):
        """{name: number or "missing"}; a name whose time is just ending is left out."""
        shown = {}
        for name in names:
            wanted = "missing"
            for wishes in (self.hosts, self.edits):
                number, ends = wishes.get(name, (None, None))
                if number is not None and (ends is None or ends > now + 5):
                    wanted = number
                elif number is not None and ends > now - 5:
                    wanted = None
            if wanted is not None:
                shown[name] = wanted
        shown[f"rule-a.{zone}"] = shown[f"rule-b.{zone}"] = self.rule
        return shown


class Soak:
    names = [f"{kind}{n}.{zone}" for kind in ("s", "t") for n in range(12)]

    def __init__(self, fleet, seed, say):
        self.fleet, self.random, self.say = fleet, random.Random(seed), say
        self.model, self.number, self.events, self.faults = Model(), 1000, {}, []
        self.samples, self.past = [], None

    def next(self):
        self.number += 1
        return self.number

    # Events. What a command did not accept is tried again: the model has it then.

    def commit(self):
        edits = "".join(
            f"- {{action: set, name: {name}, type: A, ttl: 60, values: [{encode(n)}], owner: o, reason: r"
            + (f", expires: {datetime.datetime.fromtimestamp(ends, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')}" if ends else "") + "}\n"
            for name, (n, ends) in sorted(self.model.edits.items()))
        stream = self.fleet.stream
        for path, text in (("edits/soak.yaml", "edits:" + ("\n" + edits if edits else " []\n")), ("inventory/number.json", json.dumps(self.model.rule))):
            with open(os.path.join(stream.site, path), "w") as file:
                file.write(text)
        stream.git("add", "-A")
        stream.git("commit", "-q", "--allow-empty", "-m", "soak")

    def edit(self):
        self.model.edits[self.random.choice(self.names[:12])] = (self.next(), None)
        self.commit()

    def unedit(self):
        if self.model.edits:
            del self.model.edits[self.random.choice(sorted(self.model.edits))]
            self.commit()

    def expiring_edit(self):
        self.model.edits[self.random.choice(self.names[:12])] = (self.next(), int(time.time()) + self.random.randint(8, 20))
        self.commit()

    def rule(self):
        self.model.rule = self.next()
        self.commit()

    def register(self, lease=None):
        name, number = self.random.choice(self.names[12:]), self.next()
        body = {"registrations": [
            {"name": name, "type": "A", "values": [encode(number)], "ttl": 60, "lease": f"{lease}s" if lease else "permanent"}]}
        wait_for("a registration is taken", lambda: self.fleet.stream.post(body), patience)
        self.model.hosts[name] = (number, time.time() + lease if lease else None)

    def lease(self):
        self.register(self.random.randint(8, 20))

    def kill(self):
        name = self.random.choice(["configurator", "presenter", "registrar", "publisher", "publisher2", "p0", "p1", "tinydns", "unbound", "z"])
        if name in ("tinydns", "unbound"):
            self.fleet.kill_daemon(self.random.choice(self.fleet.proxies), name)
            return
        if name == "z":
            name = self.random.choice(self.fleet.ensemble.hosts).name
        self.fleet.kill(name)
        time.sleep(self.random.uniform(0, 2))
        self.fleet.restart(name)

    def rollback(self):
        """What an earlier quiet moment showed comes back, and goes again."""
        if not self.past:
            return
        release, shown = self.past
        if self.command("rollback", str(release), "--reason", "soak"):
            self.wait_until("what was rolled back to is shown", lambda: shown)
            self.thaw()

    def command(self, *words):
        try:
            self.fleet.freshet(*words)
            return True
        except RuntimeError as error:
            self.say(f"    {error}")
            return False

    def thaw(self):
        wait_for("thawed", lambda: self.command("thaw"), patience)

    # Quiet moments

    def differences(self, wanted):
        """Of all servers; none of those names that just end."""
        found = []
        for server, host, address in self.fleet.places():
            for name, value in wanted.items():
                shown = ask_once(host, address, name)
                if shown != value:
                    found.append((server, name, shown, value))
        return found

    def wait_until(self, what, wanted):
        start, last = time.monotonic(), []
        while last := self.differences(wanted()):
            if time.monotonic() - start > patience:
                self.faults.append(f"{what}: {last[:4]}")
                self.say(f"    {self.faults[-1]}")
                return False
            # A change that met a kill in the ring was taken back: a person looks, and lets it go again.
            if time.monotonic() - start > 10 and os.path.exists(self.fleet.path("pipeline.yaml")) and self.halted():
                self.events["halt thawed"] = self.events.get("halt thawed", 0) + 1
                self.thaw()
            time.sleep(0.5)
        return True

    def halted(self):
        try:
            self.fleet.freshet("check", "rollout")
            return False
        except RuntimeError as error:
            return "halted" in str(error)

    def expected(self):
        return self.model.expected(self.names, time.time())

    def quiet(self):
        if self.wait_until("the model is shown", self.expected):
            release = ask_once(self.fleet.proxies[0], "127.0.0.53", f"_freshet.{zone}", 16)
            # A lease or an edit that ends would not come back.
            lasting = {name: value for name, value in self.expected().items() if all(
                wishes.get(name, (0, None))[1] is None for wishes in (self.model.edits, self.model.hosts))}
            if isinstance(release, int):
                self.past = (release, lasting)
        self.samples.append(self.sample())

    def sample(self):
        memory, descriptors = 0.0, 0
        for name, process in self.fleet.running.items():
            if name.startswith("z"):
                continue
            try:
                with open(f"/proc/{process.pid}/status") as file:
                    memory += next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))
                descriptors += len(os.listdir(f"/proc/{process.pid}/fd"))
            except (OSError, StopIteration):
                pass
        disk = sum(
            os.lstat(os.path.join(place, file)).st_size for place, _, files in os.walk(self.fleet.path("state")) for file in files
            if os.path.exists(os.path.join(place, file))) / 1e6
        return {"memory MB": memory, "descriptors": descriptors, "store nodes": self.fleet.ensemble.nodes() or 0, "disk MB": disk}

    def growth(self, seconds):
        """Medians of the second and of the last quarter."""
        rows, size = [], max(1, len(self.samples) // 4)
        for what, (factor, room) in allowed.items():
            values = [sample[what] for sample in self.samples]
            early, late = statistics.median(values[size:2 * size] or values), statistics.median(values[-size:])
            rows.append((what, early, late))
            # In minutes nothing has come to rest yet.
            if seconds >= 1800 and late > early * factor + room:
                self.faults.append(f"{what} grew from {early:.0f} to {late:.0f}")
        return rows

    def run(self, seconds):
        weights = {self.edit: 6, self.unedit: 3, self.expiring_edit: 2, self.rule: 4, self.register: 6, self.lease: 3, self.kill: 3, self.rollback: 1}
        end, quiet = time.monotonic() + seconds, time.monotonic() + 20
        while time.monotonic() < end:
            event = self.random.choices(list(weights), list(weights.values()))[0]
            self.events[event.__name__] = self.events.get(event.__name__, 0) + 1
            event()
            time.sleep(self.random.uniform(0, 1))
            if time.monotonic() > quiet:
                self.quiet()
                quiet = time.monotonic() + self.random.uniform(10, 40)
        self.quiet()


def run(options, directory, say):
    seconds = options.seconds or float(os.environ.get("SOAK_SECONDS", 7200))
    fleet = Pipeline(directory, Bridge(), 3, more="""history: {keep: 50, age: 1h}
rollout: {grace: 5s, rings: [{name: canary, labels: role=canary, soak: 500ms, deadline: 60s}]}
""", role="canary")
    try:
        fleet.launch(watched=False)
        soak = Soak(fleet, options.seed, say)
        soak.model.rule = 1
        soak.run(seconds)
        growth = soak.growth(seconds)
    except (TimeoutError, RuntimeError) as error:
        say(f"soak: {error}\n{fleet.last_lines()}")
        return False
    finally:
        fleet.stop()
    lines = [f"{seconds:.0f} s: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(soak.events.items()))
             + f"; {len(soak.samples)} quiet moments, {len(soak.faults)} of them not as the model.", "",
             "| | early | late |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {early:,.1f} | {late:,.1f} |" for what, early, late in growth]
    print("\n".join(lines), flush=True)
    if options.write:
        report.write("reliability.md", "soak", "\n".join(lines))
    for fault in soak.faults:
        say(f"    {fault}")
    return not soak.faults
