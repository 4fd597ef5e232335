#!/usr/bin/env python3
"""Lays out a site, and the same for octoDNS.

plan_site.py DIR RECORDS        a zone with RECORDS addresses, as octoDNS' YAML in DIR/site/edits
plan_site.py DIR OLD NEW        zones of octoDNS' YAML, ZONE._N_part.yaml being one zone's parts:
                                OLD is live, NEW of the same zones goes to DIR/changed
"""
import os
import re
import subprocess
import sys

directory = sys.argv[1]
site = f"{directory}/site"
os.makedirs(f"{site}/edits", exist_ok=True)
os.makedirs(f"{directory}/octodns/live", exist_ok=True)


def text(changed):
    lines = ["---", "'':", "  ttl: 3600", "  type: NS", "  values:", "    - ns1.bench.test.", "    - ns2.bench.test."]
    names = sorted([f"h{i}" for i in range(records)] + ["ns1", "ns2"], key=lambda n: (n[:2] == "ns", int(n.lstrip("hns"))))
    for name in names:
        number = int(name.lstrip("hns")) + (1 << 22 if name[:2] == "ns" else 0)
        if changed and name == f"h{records // 2}":
            number += 1 << 20
        lines += [f"{name}:", "  ttl: 300", "  type: A", f"  value: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"]
    return "\n".join(lines) + "\n"


def write(path, content):
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def zones_of(source):
    """The zones of a directory: one text each, of all its parts."""
    zones = {}
    for file in sorted(os.listdir(source)):
        name = re.fullmatch(r"(.+?)(\._\d+_.*)?\.ya?ml", file)
        if name:
            with open(f"{source}/{file}", encoding="utf-8") as part:
                zones.setdefault(name[1], "---\n")
                zones[name[1]] += re.sub(r"^---.*\n", "", part.read(), flags=re.M) + "\n"
    return zones


if len(sys.argv) == 3:
    zone, records = "bench.test", int(sys.argv[2])
    before, after = {zone: text(False)}, {zone: text(True)}
else:
    before, after = zones_of(sys.argv[2]), zones_of(sys.argv[3])
os.makedirs(f"{directory}/changed", exist_ok=True)
for zone, content in before.items():
    write(f"{site}/edits/{zone}.yaml", content)
    write(f"{directory}/octodns/live/{zone}.yaml", content)
for zone, content in ((z, after[z]) for z in before if z in after):
    write(f"{directory}/changed/{zone}.yaml", content)
# octoDNS leaves the SOA to its providers.
write(
    f"{site}/edits/apex.yaml",
    "edits:\n" + "".join(
        f"- {{action: set, name: {zone}, type: SOA, ttl: 3600, values: ['ns1.{zone}. hostmaster.{zone}. 1 7200 900 1209600 300'], owner: bench, reason: a zone has one}}\n"
        for zone in before),
)
write(f"{site}/pack", '#!/bin/sh\n[ "$1" = describe ] && echo \'{"rules":[]}\'\n')
os.chmod(f"{site}/pack", 0o755)
write(
    f"{directory}/pipeline.yaml",
    f"pipeline: bench\nstore: {directory}/store\nsite: {{repository: {site}}}\npacks: [{{name: none, executable: {site}/pack, protocol: json}}]\nvalidation: {{private-zones: [{', '.join(before)}]}}\n",
)
write(
    f"{directory}/octodns/config.yaml",
    f"""manager:
  max_workers: 1
providers:
  config:
    class: octodns.provider.yaml.YamlProvider
    directory: {site}/edits
    enforce_order: false
  live:
    class: octodns.provider.yaml.YamlProvider
    directory: {directory}/octodns/live
    enforce_order: false
zones:
""" + "".join(f"  {zone}.:\n    sources: [config]\n    targets: [live]\n" for zone in before),
)
git = ["git", "-C", site, "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
subprocess.run(["git", "init", "-qb", "main", site], check=True)
subprocess.run([*git, "add", "-A"], check=True)
subprocess.run([*git, "commit", "-qm", "before"], check=True)
