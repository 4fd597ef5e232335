#!/usr/bin/env python3
"""A rule pack in Python, without dependencies: docs/packs.md says what it speaks."""
import csv
import ipaddress
import json
import sys

ZONE = "python.example."


class Fault(Exception):
    """What is wrong with an input, and where."""

    def __init__(self, message, file, line):
        super().__init__(message)
        self.file, self.line = file, line


class Answer:
    """Prints one JSON value a line, and counts."""

    def __init__(self):
        self.records = self.maps = 0

    def _print(self, value):
        print(json.dumps(value, allow_nan=False, ensure_ascii=False))

    def record(self, owner, kind, ttl, values, **more):
        self.records += 1
        self._print({"record": {"owner": owner, "type": kind, "ttl": ttl, "values": values, **more}})

    def map(self, prefix, location, **more):
        self.maps += 1
        self._print({"map": {"prefix": prefix, "location": location, **more}})

    def fault(self, fault):
        self._print({"fault": {"message": str(fault), "file": fault.file, "line": fault.line}})

    def done(self):
        self._print({"done": {"records": self.records, "map": self.maps}})


def rows(inputs, name):
    """Rows of a CSV input, each with its line."""
    with open(inputs[name], newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for row in reader:
            yield row, reader.line_num


def hosts(inputs, answer):
    """An address record and a pointer for each server."""
    name = "inventory/servers.csv"
    answer.record(ZONE, "SOA", 86400, [f"ns1.{ZONE} hostmaster.{ZONE} 1 3600 600 604800 300"], file=name, line=1)
    answer.record(ZONE, "NS", 86400, [f"ns1.{ZONE}", f"ns2.{ZONE}"], file=name, line=1)
    faults = []
    for row, line in rows(inputs, name):
        try:
            address = ipaddress.ip_address(row["address"])
        except ValueError as error:
            faults.append(Fault(str(error), name, line))
            continue
        kind = "A" if address.version == 4 else "AAAA"
        answer.record(f"{row['name']}.{ZONE}", kind, 300, [str(address)], file=name, line=line)
        answer.record(address.reverse_pointer + ".", "PTR", 300, [f"{row['name']}.{ZONE}"], file=name, line=line)
    return faults


def services(inputs, answer):
    """Any type of record, as text; and who is where."""
    name = "inventory/services.json"
    with open(inputs[name], encoding="utf-8") as file:
        data = json.load(file)
    for service in data["records"]:
        location = {"location": service["location"]} if "location" in service else {}
        answer.record(f"{service['name']}.{ZONE}", service["type"], 300, service["values"], file=name, **location)
    for prefix, location in data["map"].items():
        answer.map(prefix, location, file=name)
    return []


RULES = {
    "Hosts": (hosts, ["inventory/servers.csv"]),
    "Services": (services, ["inventory/services.json"]),
}


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    answer = Answer()
    if sys.argv[1:] == ["describe"]:
        answer._print({"rules": [{"name": name, "inputs": inputs} for name, (_, inputs) in RULES.items()]})
        return 0
    if sys.argv[1:] != ["run"]:
        print("usage: pack.py describe | run", file=sys.stderr)
        return 64
    request = json.loads(sys.stdin.readline())
    rule, _ = RULES[request["rule"]]
    faults = rule(request["inputs"], answer)
    for fault in faults:
        answer.fault(fault)
    if faults:
        return 1
    answer.done()
    return 0


if __name__ == "__main__":
    sys.exit(main())
