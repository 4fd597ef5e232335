"""Freshet with every stage as a process on hosts of their own, two Publishers, two proxies; watched, and changed all the time."""
import os
import shutil
import signal
import subprocess

from asking import Observer, Server, address_type, ask_once, text_type
from ensemble import Ensemble
from judge import judge, lost, waits
from processes import Processes, wait_for
from stream import Stream, groups, zone

stamp = f"_freshet.{zone}"
tinydns, unbound = "127.0.0.53", "127.0.0.54"


class Pipeline(Processes):
    """Hosts: z1 z2 z3 (ZooKeeper), control (all stages), standby (the second Publisher), p0, p1."""

    program = os.environ.get("FRESHET")

    def __init__(self, directory, network, members=3, more="", proxies=2, log_level="info", tick=200, role=""):
        super().__init__(directory)
        os.environ["HOME"] = directory
        self.network, self.log_level, self.role = network, log_level, role
        members = [self.host(f"z{i + 1}", network) for i in range(members)]
        self.control, self.standby = self.host("control", network), self.host("standby", network)
        self.proxies = [self.host(f"p{i}", network) for i in range(proxies)]
        self.ensemble = Ensemble(self, members, tick) if members else None
        self.store = self.ensemble.url if members else self.path("store")
        self.lay_out(more)
        self.servers = [
            Server(f"{host.name}/{daemon}", host, address)
            for host in self.proxies for daemon, address in (("tinydns", tinydns), ("unbound", unbound))]
        self.atomic = {server.name for server in self.servers if server.name.endswith("/tinydns")}
        names = [(name, address_type) for name in groups] + [(stamp, text_type)]
        # A pair's names one after the other, both ways round.
        self.observer = Observer(self.servers, names + names[-2::-1])

    def lay_out(self, more):
        here = os.path.dirname(os.path.realpath(__file__))
        self.write("pipeline.yaml", f"""pipeline: chaos
store: {self.store}
shards: 16
site: {{repository: {self.path('site')}}}
packs: [{{name: pair, sources: packs/pair, executable: pack.py, protocol: json}}]
review: {{hold: never}}
registration: {{listen: "127.0.0.1:8053"}}
validation: {{private-zones: [{zone}]}}
publisher: {{heartbeat: 2s}}
proxy: {{probe: 500ms, freshness: 15s}}
{more}
""")
        self.write(f"site/edits/{zone}.zone", f"""$ORIGIN {zone}.
$TTL 300
@ 3600 SOA ns1 hostmaster 1 3600 600 604800 300
@ 3600 NS ns1
ns1 A 10.255.255.1
""" + "".join(f"bulk{n} A 192.0.2.{n % 250}\n" for n in range(300)))
        os.makedirs(self.path("site/packs/pair"))
        shutil.copy(os.path.join(here, "pack.py"), self.path("site/packs/pair/pack.py"))
        os.chmod(self.path("site/packs/pair/pack.py"), 0o755)
        os.makedirs(self.path("site/inventory"))
        self.freshet("keys", "generate")
        digest = self.freshet("keys", "token", "token").split("sha256:")[1].split('"')[0].split()[0]
        self.write("identities.yaml", f"""identities:
  - {{name: chaos, tokens: ["sha256:{digest}"], names: ["*.{zone}"], permanent: true}}
""")
        with open(self.path("token")) as file:
            token = file.read().strip()
        subprocess.run(["git", "init", "-qb", "main", self.path("site")], check=True)
        for setting in ("user.name=chaos", "user.email=chaos@example.org", "gc.auto=0"):
            subprocess.run(["git", "-C", self.path("site"), "config", *setting.split("=")], check=True)
        self.stream = Stream(self.path("site"), (self.control, ("127.0.0.1", 8053)), token)

    # Processes

    def freshet(self, *words, host=None):
        prefix = (host or self.control).entering
        done = subprocess.run(
            [*prefix, self.program, *words], capture_output=True, text=True, cwd=self.directory,
            env=os.environ | {"FRESHET_CONFIG": self.path("pipeline.yaml")})
        if done.returncode:
            raise RuntimeError(f"freshet {' '.join(words[:3])}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done.stdout

    def launch(self, watched=True):
        self.network.start()
        if self.ensemble:
            self.ensemble.start()
            self.ensemble.wait()
        self.stream.commit()
        for stage in ("configurator", "presenter", "registrar"):
            self.stage(stage, self.control, stage)
        for host, name in ((self.control, "publisher"), (self.standby, "publisher2")):
            self.stage(name, host, "publisher", {
                "instance": name, "publisher.directory": f"state/{name}", "publisher.swarm": f"{host.address}:6881"})
            if name == "publisher":
                wait_for("the first Publisher leads", lambda: self.leads("publisher"), 120)
        for host in self.proxies:
            more = {"proxy.labels.role": self.role} if self.role and host is self.proxies[0] else {}
            self.stage(host.name, host, "proxy", {"proxy.host": host.name, "proxy.swarm": f"{host.address}:6881"} | more)
        def registered():
            self.stream.register()
            return "hosts" in self.stream.accepted()
        wait_for("the registrar takes a registration", registered, 120)
        wait_for("all servers show the first changes", self.shows_all, 180)
        if watched:
            self.observer.start()

    def stage(self, name, host, stage, settings={}):
        overrides = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        self.start(name, host, [self.program, stage, "--config", self.path("pipeline.yaml"), "--log-format", "json", "--log-level", self.log_level, *overrides])

    def daemon(self, host, name):
        """The process id of a proxy's daemon."""
        with open(self.path(f"state/proxy-{host.name}/{name}.pid")) as file:
            return int(file.read().split()[0])

    def kill_daemon(self, host, name):
        try:
            os.kill(self.daemon(host, name), signal.SIGKILL)
            return True
        except (OSError, ValueError, IndexError):
            return False

    def count_in_log(self, name, words):
        with open(self.path(f"{name}.log"), errors="replace") as file:
            return sum(words in line for line in file)

    def leads(self, name):
        return self.count_in_log(name, '"leading"') > self.count_in_log(name, '"leadership lost"')

    # What is shown

    def shows_all(self):
        """Whether each server shows what was accepted last, in each group."""
        return not lost(self.stream.changes, self.shown())

    def shown(self):
        """{(server, group): the least number}, asked now."""
        found = {}
        for server, host, address in self.places():
            for name, group in groups.items():
                number = ask_once(host, address, name)
                known = found.get((server, group))
                if not isinstance(known, int) and known is not None:
                    continue
                found[server, group] = number if known is None or not isinstance(number, int) else min(known, number)
        return found

    def places(self):
        return [
            (f"{host.name}/{daemon}", host, address)
            for host in self.proxies for daemon, address in (("tinydns", tinydns), ("unbound", unbound))]

    def seen(self, targets, servers=None):
        """Whether the observer has heard at least `targets` ({group: number}) of each name from each server."""
        newest = self.observer.newest
        return all(
            newest.get((server.name, name), 0) >= targets.get(group, 0)
            for server in self.servers if servers is None or server.name in servers for name, group in groups.items())

    def missing(self):
        """Names that an accepted change added for good and that a server does not show."""
        return [
            (server, name, found) for name, number in sorted(self.stream.added.items()) for server, host, address in self.places()
            if (found := self.ask_twice(host, address, name)) != number]

    @staticmethod
    def ask_twice(host, address, name):
        # The one that is lost on a busy machine is not what is looked for.
        found = ask_once(host, address, name)
        return ask_once(host, address, name) if found == "timeout" else found

    def verdict(self, trace):
        return judge(trace, list(self.stream.changes), groups, self.atomic, stamp)

    def waits(self, trace, changes, servers=None):
        return waits(trace, changes, groups, servers or [server.name for server in self.servers])

    def stop(self):
        self.stream.stopped.set()
        if self.observer.is_alive():
            self.observer.stop()
        self.stream.stop()
        super().stop()
        self.network.stop()
