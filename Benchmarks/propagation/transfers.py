"""Peers of NOTIFY and IXFR (RFC 1996, RFC 1995): BIND → BIND, Knot → Knot, Knot → NSD."""
import subprocess

from exchange import Updates
from fleet import Command, Fleet

primary = "127.0.50.1"


class Transfers(Fleet):
    """One primary at `primary`, and the servers as its secondaries."""

    way_of_many = "UPDATE"

    def launch(self):
        load = self.workload
        for address in [primary, *self.servers]:
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], capture_output=True)
        for index, origin in enumerate(load.origins):
            self.write(f"primary/{origin}zone", load.zone_text(index, 1))
        self.boot_primary()
        for i in range(len(self.servers)):
            self.boot(i)

    def changed(self, k, version):
        return [(self.workload.single(k), self.workload.address(k, version))]

    def many(self, version):
        load, zones = self.workload, {}
        for i in range(load.at_once):
            zones.setdefault(load.origin(i), []).append((load.host(i), load.address(i, version)))
        return list(zones.items())

    def renew(self, i):
        """Makes server `i` a new one, with nothing."""
        self.end(f"secondary{i}")
        self.command("rm", "-rf", self.path(f"secondary{i}"))
        return lambda: self.boot(i)


class Bind(Transfers):
    title = "BIND → BIND, notify-delay 0"
    programs = {"named": "bind9"}
    ways = ["UPDATE"]
    # The rates are of NOTIFYs and SOA queries in a second.
    tuning = "notify-delay 0; notify-rate 10000; serial-query-rate 10000; transfers-out 1000; transfers-in 1000; transfers-per-ns 1000;"

    def configure(self, directory, address, zones, extra):
        return self.write(f"{directory}/named.conf", f"""
options {{
    directory "{self.path(directory)}"; pid-file none; session-keyfile none; listen-on {{ {address}; }}; listen-on-v6 {{ none; }};
    recursion no; dnssec-validation no; notify-source {address}; transfer-source {address};
    allow-transfer {{ 127.0.0.0/8; }}; {extra} {self.tuning}
}};
controls {{ }};
""" + "".join(f'zone "{origin}" {{ {zones(origin)} }};\n' for origin in self.workload.origins))

    def boot_primary(self):
        others = " ".join(f"{address};" for address in self.servers)
        path = self.configure(
            "primary", primary, lambda origin: f'type primary; file "{origin}zone"; allow-update {{ 127.0.0.0/8; }};',
            f"notify explicit; also-notify {{ {others} }};")
        self.start("primary", ["/usr/sbin/named", "-f", "-c", path])

    def boot(self, i):
        path = self.configure(
            f"secondary{i}", self.servers[i],
            lambda origin: f'type secondary; file "{origin}zone"; primaries {{ {primary}; }};', "notify no;")
        self.start(f"secondary{i}", ["/usr/sbin/named", "-f", "-c", path])

    def change(self, way, k, version):
        names = self.changed(k, version)
        return Updates(primary, [(self.workload.origins[0], names)]), names

    def change_many(self, version):
        return Updates(primary, self.many(version)), self.workload.bulk_expected(version)


class BindDefaults(Bind):
    title = "BIND → BIND, defaults"
    tuning = ""


class Knot(Transfers):
    title = "Knot → Knot"
    programs = {"knotd": "knot", "knotc": "knot"}
    ways = ["knotc zone-commit"]

    def knot(self, directory, address, others, each):
        remotes = "".join(f"  - id: r{n}\n    address: {other}@53\n" for n, other in enumerate(others))
        zones = "".join(f"  - domain: {origin}\n    file: {origin}zone\n" for origin in self.workload.origins)
        path = self.write(f"{directory}/knot.conf", f"""
server:
    rundir: {self.path(directory)}
    listen: {address}@53
    user: root
control:
    listen: {self.path(directory)}/control
log:
  - target: stderr
    any: warning
database:
    storage: {self.path(directory)}
acl:
  - id: all
    address: 127.0.0.0/8
    action: [transfer, notify, update]
remote:
{remotes}template:
  - id: default
    storage: {self.path(directory)}
    semantic-checks: off
    zonefile-sync: -1
    acl: all
    {each}
zone:
{zones}""")
        return ["/usr/sbin/knotd", "-c", path]

    def boot_primary(self):
        notify = ", ".join(f"r{n}" for n in range(len(self.servers)))
        self.start("primary", self.knot("primary", primary, self.servers, f"notify: [{notify}]"))

    def boot(self, i):
        self.start(f"secondary{i}", self.knot(f"secondary{i}", self.servers[i], [primary], "master: r0"))

    def knotc(self, *words):
        return ["/usr/sbin/knotc", "-t", "600", "-s", self.path("primary/control"), *words]

    def change(self, way, k, version):
        names = self.changed(k, version)
        zone = self.workload.origins[0]
        self.command(*self.knotc("zone-begin", zone))
        for name, address in names:
            self.command(*self.knotc("zone-unset", zone, name, "A"))
            self.command(*self.knotc("zone-set", zone, name, "300", "A", address))
        return lambda: Command(self.knotc("zone-commit", zone)), names

    way_of_many = "knotc zone-commit"

    def change_many(self, version):
        # Not UPDATE: Knot sends NOTIFY a second after one.
        zones = self.many(version)
        lines = []
        for zone, names in zones:
            lines.append(f"zone-begin {zone}")
            for name, address in names:
                lines += [f"zone-unset {zone} {name} A", f"zone-set {zone} {name} 300 A {address}"]
        self.command(*self.knotc(), input="\n".join(lines) + "\n")
        return lambda: Command(self.knotc("zone-commit", *(zone for zone, _ in zones))), self.workload.bulk_expected(version)


class KnotNsd(Knot):
    title = "Knot → NSD"
    programs = Knot.programs | {"nsd": "nsd"}

    def boot(self, i):
        zones = "".join(
            f"zone:\n  name: {origin}\n  request-xfr: {primary} NOKEY\n  allow-notify: 127.0.0.0/8 NOKEY\n"
            for origin in self.workload.origins)
        home = self.path(f"secondary{i}")
        path = self.write(f"secondary{i}/nsd.conf", f"""
server:
  ip-address: {self.servers[i]}
  username: ""
  chroot: ""
  database: ""
  zonesdir: {home}
  pidfile: {home}/pid
  zonelistfile: {home}/zones.list
  xfrdfile: {home}/xfrd.state
  xfrdir: {home}
  xfrd-reload-timeout: 0
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
{zones}""")
        self.start(f"secondary{i}", ["/usr/sbin/nsd", "-d", "-c", path])
