#!/usr/bin/env python3
"""Lays out a site, and the same for octoDNS.

plan_site.py DIR RECORDS      a zone with RECORDS addresses, as octoDNS' YAML in DIR/site/edits
"""
import os
import subprocess
import sys

directory, records = sys.argv[1], int(sys.argv[2])
zone = "bench.test"
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


write(f"{site}/edits/{zone}.yaml", text(False))
write(f"{directory}/octodns/live/{zone}.yaml", text(False))
write(f"{directory}/changed.yaml", text(True))
# octoDNS leaves the SOA to its providers.
write(
    f"{site}/edits/apex.yaml",
    f"edits:\n- {{action: set, name: {zone}, type: SOA, ttl: 3600, values: ['ns1.{zone}. hostmaster.{zone}. 1 7200 900 1209600 300'], owner: bench, reason: a zone has one}}\n",
)
write(f"{site}/pack", '#!/bin/sh\n[ "$1" = describe ] && echo \'{"rules":[]}\'\n')
os.chmod(f"{site}/pack", 0o755)
write(
    f"{directory}/pipeline.yaml",
    f"pipeline: bench\nstore: {directory}/store\nsite: {{repository: {site}}}\npacks: [{{name: none, executable: {site}/pack, protocol: json}}]\nvalidation: {{private-zones: [{zone}]}}\n",
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
  {zone}.:
    sources: [config]
    targets: [live]
""",
)
git = ["git", "-C", site, "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
subprocess.run(["git", "init", "-qb", "main", site], check=True)
subprocess.run([*git, "add", "-A"], check=True)
subprocess.run([*git, "commit", "-qm", "before"], check=True)
