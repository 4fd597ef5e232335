"""tinydns by hand: edit the data, compile it, copy it to each server, rename it there."""
import os
import pwd
import shutil

from fleet import Command, Fleet

script = """set -e
tinydns-data
for root in "$@"; do cp data.cdb "$root/data.tmp"; mv "$root/data.tmp" "$root/data.cdb"; done
"""


class TinydnsByHand(Fleet):
    title = "tinydns by hand"
    programs = {"tinydns": "tinydns", "tinydns-data": "djbdns-utils"}
    ways = ["tinydns-data, cp, mv"]
    way_of_many = "tinydns-data, cp, mv"

    def launch(self):
        self.singles = [0] * self.workload.singles
        self.bulk = 0
        os.makedirs(self.path("build"))
        self.roots = [self.path(f"root{i}") for i in range(len(self.servers))]
        for i, root in enumerate(self.roots):
            os.makedirs(root)
            self.boot(i)
        self.edit()
        self.compile().process.wait()

    def boot(self, i):
        user = pwd.getpwnam("tinydns")
        environment = {"IP": self.servers[i], "ROOT": self.roots[i], "UID": str(user.pw_uid), "GID": str(user.pw_gid)}
        self.start(f"tinydns{i}", ["/bin/sh", "-c", "exec /usr/sbin/tinydns 2>/dev/null"], env=environment)

    def edit(self):
        load = self.workload
        lines = []
        for index, origin in enumerate(load.origins):
            zone = origin.rstrip(".")
            lines += [f"Z{zone}:ns1.{origin}:hostmaster.{origin}:1:3600:600:604800:300:3600"]
            lines += [f"&{zone}::ns{n}.{origin}:3600\n+ns{n}.{zone}:10.255.255.{n}:300" for n in (1, 2)]
        lines += [f"+{load.single(k)}:{load.address(k, version)}:300" for k, version in enumerate(self.singles)]
        lines += [f"+{load.host(i)}:{load.address(i, load.version(i, self.bulk))}:300" for i in range(load.records)]
        self.lines = [line.replace(".:", ":", 1) for line in lines]
        self.write("build/data", "\n".join(self.lines) + "\n")

    def compile(self):
        return Command(["/bin/sh", "-c", script, "sh", *self.roots], cwd=self.path("build"))

    def change(self, way, k, version):
        """Prepares a change; what is returned hands it over, with the answers to expect."""
        load = self.workload
        self.singles[k] = version
        path = self.path("build/data")
        with open(path) as file:
            text = file.read()
        name = load.single(k).rstrip(".")
        old = next(line for line in self.lines if line.startswith(f"+{name}:"))
        new = f"+{name}:{load.address(k, version)}:300"
        self.lines[self.lines.index(old)] = new
        with open(path, "w") as file:
            file.write(text.replace(f"{old}\n", f"{new}\n", 1))
        return self.compile, [(load.single(k), load.address(k, version))]

    def change_many(self, version):
        self.bulk = version
        self.edit()
        return self.compile, self.workload.bulk_expected(version)

    def renew(self, i):
        """Makes server `i` a new one, with nothing."""
        self.end(f"tinydns{i}")
        os.unlink(f"{self.roots[i]}/data.cdb")

        def begin():
            self.boot(i)
            shutil.copy(self.path("build/data.cdb"), f"{self.roots[i]}/data.tmp")
            os.rename(f"{self.roots[i]}/data.tmp", f"{self.roots[i]}/data.cdb")
        return begin
