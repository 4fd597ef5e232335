"""The records that all systems serve, and what changes in them."""
import random


class Workload:
    """`records` addresses, dealt out over `zones` zones; the names of single changes are the first zone's.

    c0, c1, … change by an edit or an update, r0, r1, … by a registration.
    """

    singles = 10

    def __init__(self, records, zones=1):
        self.records = records
        self.hosts = range(records)
        self.origins = ["bench.test."] if zones == 1 else [f"z{i}.bench.test." for i in range(zones)]
        self.at_once = min(100_000, records // 10)

    @staticmethod
    def address(i, version):
        """The address of host `i`; each version has another."""
        number = (i * 7919 + version * 65537 + 1) & 0xFFFFFF
        return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"

    def origin(self, i):
        return self.origins[i % len(self.origins)]

    def host(self, i):
        return f"h{i}.{self.origin(i)}"

    def single(self, k):
        return f"c{k}.{self.origins[0]}"

    def registered(self, k):
        return f"r{k}.{self.origins[0]}"

    def version(self, i, bulk):
        """The bulk change moves the first `at_once` hosts from version 0 to `bulk`."""
        return bulk if i < self.at_once else 0

    def zone_text(self, index, serial, bulk=0, singles=True):
        """Zone `index` as a zone file."""
        origin = self.origins[index]
        lines = [
            f"$ORIGIN {origin}", "$TTL 300",
            f"@ 3600 SOA ns1 hostmaster {serial} 3600 600 604800 300",
            "@ 3600 NS ns1", "@ 3600 NS ns2", "ns1 A 10.255.255.1", "ns2 A 10.255.255.2",
        ]
        if singles and index == 0:
            lines += [f"c{k} A {self.address(k, 0)}" for k in range(self.singles)]
        lines += [
            f"h{i} A {self.address(i, self.version(i, bulk))}" for i in self.hosts[index::len(self.origins)]
        ]
        return "\n".join(lines) + "\n"

    def samples(self):
        """Hosts of the bulk change that are asked for: its first, its last, some between."""
        chosen = random.Random(1).sample(range(self.at_once), min(6, self.at_once))
        return sorted({0, self.at_once - 1, *chosen})

    def bulk_expected(self, bulk):
        return [(self.host(i), self.address(i, bulk)) for i in self.samples()]
