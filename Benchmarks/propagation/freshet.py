"""Freshet with all its stages as processes, and a proxy with tinydns and unbound for each server."""
import json
import os
import signal
import shutil
import socket
import subprocess

from exchange import Call
from fleet import Command, Fleet, wait_for

registrar = ("127.0.0.1", 8053)
stages = ["configurator", "presenter", "publisher", "registrar"]


class Freshet(Fleet):
    title = "Freshet, embedded store"
    programs = {"tinydns": "tinydns", "unbound": "unbound", "git": "git"}
    ways = ["git", "registration"]
    way_of_many = "git"
    program = None

    def store(self):
        return self.path("store")

    def launch(self):
        load = self.workload
        os.environ["HOME"] = self.directory
        self.write("pipeline.yaml", f"""pipeline: bench
store: {self.store()}
shards: {1024 if load.records >= 1_000_000 else 256}
site: {{repository: {self.path('site')}}}
review: {{hold: never}}
registration: {{listen: "{registrar[0]}:{registrar[1]}"}}
validation: {{private-zones: [bench.test]}}
""")
        self.zone_files(0)
        self.singles = [0] * load.singles
        self.edits()
        self.freshet("keys", "generate")
        digest = self.freshet("keys", "token", "token").split("sha256:")[1].split('"')[0].split()[0]
        with open(self.path("token")) as file:
            self.token = file.read().strip()
        self.write("identities.yaml", f"""identities:
  - name: bench
    tokens: ["sha256:{digest}"]
    names: ["*.{load.origins[0].rstrip('.')}"]
    permanent: true
""")
        subprocess.run(["git", "init", "-qb", "main", self.path("site")], check=True)
        self.git("config", "user.name", "bench")
        self.git("config", "user.email", "bench@example.org")
        self.git("config", "core.compression", "1")
        self.git("config", "gc.auto", "0")
        self.commit()().process.wait()
        for stage in stages:
            self.start(stage, [self.program, stage, *self.common()], cwd=self.directory)
        for i in range(len(self.servers)):
            self.boot(i)
        wait_for("the registrar listens", self.listens)
        for k in range(load.singles):
            call, _ = self.change("registration", k, 0)
            call()
            while not call.done():
                pass

    def common(self):
        return ["--config", self.path("pipeline.yaml"), "--log-format", "json"]

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(registrar) == 0

    def unbound(self, i):
        first, second, third, fourth = self.servers[i].split(".")
        return f"{first}.{int(second) + 1}.{third}.{fourth}"

    def boot(self, i):
        settings = {"proxy.host": f"p{i}", "proxy.tinydns.address": self.servers[i], "proxy.unbound.address": self.unbound(i)}
        overrides = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        self.start(f"proxy{i}", [self.program, "proxy", *self.common(), *overrides], cwd=self.directory)

    def freshet(self, *words):
        return self.command(self.program, *words, cwd=self.directory)

    def git(self, *words):
        return self.command("git", "-C", self.path("site"), *words).strip()

    def zone_files(self, bulk):
        for index, origin in enumerate(self.workload.origins):
            self.write(f"site/edits/{origin}zone", self.workload.zone_text(index, 1, bulk, singles=False))

    def edits(self):
        load = self.workload
        lines = [
            f"- {{action: set, name: {load.single(k)}, type: A, ttl: 300, values: [{load.address(k, version)}],"
            " owner: bench, reason: measured}" for k, version in enumerate(self.singles)]
        self.write("site/edits/changes.yaml", "edits:\n" + "\n".join(lines) + "\n")

    def commit(self):
        """A commit of the working tree that is made, but not on the branch yet."""
        self.git("add", "-A")
        tree = self.git("write-tree")
        head = subprocess.run(
            ["git", "-C", self.path("site"), "rev-parse", "-q", "--verify", "main"], capture_output=True, text=True).stdout.split()
        commit = self.git("commit-tree", tree, "-m", "change", *(["-p", head[0]] if head else []))
        return lambda: Command(["git", "-C", self.path("site"), "update-ref", "refs/heads/main", commit])

    def change(self, way, k, version):
        load = self.workload
        address = load.address(k, version)
        if way == "registration":
            name = load.registered(k)
            body = {"registrations": [
                {"name": name.rstrip("."), "type": "A", "values": [address], "ttl": 300, "lease": "permanent"}]}
            return Call(registrar, "/v1/registrations", body, self.token), [(name, address)]
        self.singles[k] = version
        self.edits()
        return self.commit(), [(load.single(k), address)]

    def change_many(self, version):
        self.zone_files(version)
        return self.commit(), self.workload.bulk_expected(version)

    def timeline(self):
        return json.loads(self.freshet("timeline", "--json"))

    def home(self, i):
        return self.path(f"state/proxy-p{i}")

    def end_daemons(self, i):
        for daemon in ("tinydns", "axfrdns", "unbound"):
            try:
                with open(f"{self.home(i)}/{daemon}.pid") as file:
                    os.kill(int(file.read().split()[0]), signal.SIGKILL)
            except (OSError, ValueError, IndexError):
                pass

    def renew(self, i):
        """Makes server `i` a new one, with nothing."""
        self.end(f"proxy{i}")
        self.end_daemons(i)
        shutil.rmtree(self.home(i))
        return lambda: self.boot(i)


class FreshetZooKeeper(Freshet):
    title = "Freshet, ZooKeeper"
    programs = Freshet.programs | {"java": "default-jre-headless", "/usr/share/java/zookeeper.jar": "zookeeper"}
    port = 21810

    def store(self):
        return f"zookeeper://127.0.0.1:{self.port}/freshet"

    def launch(self):
        jars = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar"
        path = self.write("zookeeper/zoo.cfg", f"""dataDir={self.path('zookeeper/data')}
clientPort={self.port}
clientPortAddress=127.0.0.1
tickTime=200
minSessionTimeout=400
maxSessionTimeout=60000
maxClientCnxns=0
admin.enableServer=false
4lw.commands.whitelist=*
""")
        self.start("zookeeper", [
            "java", "-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", jars,
            "org.apache.zookeeper.server.quorum.QuorumPeerMain", path])
        wait_for("ZooKeeper serves", self.serves)
        super().launch()

    def serves(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as word:
                word.sendall(b"srvr")
                return b"Mode: " in word.recv(4096)
        except OSError:
            return False
