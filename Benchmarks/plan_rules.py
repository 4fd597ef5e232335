#!/usr/bin/env python3
"""Lays out a site whose rules make a zone of many addresses from one number.

plan_rules.py DIR RECORDS
"""
import os
import subprocess
import sys

directory, records = sys.argv[1], int(sys.argv[2])
zone = "bench.test"
site = f"{directory}/site"
os.makedirs(f"{site}/rules", exist_ok=True)
os.makedirs(f"{site}/inventory", exist_ok=True)


def write(path, content):
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


write(
    f"{site}/rules/SiteRules.swift",
    f"""import Rules

@main
struct SiteRules: RulePack {{
    var rules: [any Rule] {{ [Hosts()] }}
}}

struct Amount: Decodable, Sendable {{ var hosts: Int }}

struct Hosts: Rule {{
    @Input("inventory/amount.yaml") var amount: Amount

    var records: Records {{
        Zone("{zone}", ttl: 300) {{
            SOA(primary: "ns1", mailbox: "hostmaster")
            NS("@", "ns1")
            NS("@", "ns2")
            A("ns1", "192.0.2.1")
            A("ns2", "192.0.2.2")
            for host in 0..<amount.hosts {{
                A("h\\(host)", "10.\\(host >> 16 & 255).\\(host >> 8 & 255).\\(host & 255)")
            }}
        }}
    }}
}}
""",
)
write(f"{site}/inventory/amount.yaml", f"hosts: {records}\n")
write(
    f"{directory}/pipeline.yaml",
    f"""pipeline: bench
store: {directory}/store
site: {{repository: {site}}}
validation: {{private-zones: [{zone}]}}
""",
)
git = ["git", "-C", site, "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
subprocess.run(["git", "init", "-qb", "main", site], check=True)
subprocess.run([*git, "add", "-A"], check=True)
subprocess.run([*git, "commit", "-qm", "before"], check=True)
