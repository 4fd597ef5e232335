#!/usr/bin/env python3
"""Writes RECORDS records to DIRECTORY/example.net.zone, and the same to DIRECTORY/data for tinydns.

import_data.py DIRECTORY RECORDS

One zone: of ten hosts seven have an A, one a CNAME, one an MX, one a TXT.
"""
import sys

directory, records = sys.argv[1], int(sys.argv[2])
origin = "example.net"
zone = [f"$ORIGIN {origin}.", "$TTL 3600", "@ SOA a.ns hostmaster 1 16384 2048 1048576 2560", "@ NS a.ns", "a.ns A 192.0.2.1"]
data = [f"Z{origin}:a.ns.{origin}:hostmaster.{origin}:1:16384:2048:1048576:2560:3600", f"&{origin}:192.0.2.1:a.ns.{origin}:3600"]
for i in range(records - 3):
    name = f"host{i}"
    kind = i % 10
    if kind == 0:
        zone.append(f"{name} CNAME host{i + 1}")
        data.append(f"C{name}.{origin}:host{i + 1}.{origin}:3600")
    elif kind == 1:
        zone.append(f"{name} MX 10 mail{i % 7}")
        data.append(f"@{name}.{origin}::mail{i % 7}.{origin}:10:3600")
    elif kind == 2:
        zone.append(f'{name} TXT "v=spf1 ip4:192.0.2.{i % 256} -all"')
        data.append(f"'{name}.{origin}:v=spf1 ip4\\072192.0.2.{i % 256} -all:3600")
    else:
        address = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
        zone.append(f"{name} A {address}")
        data.append(f"+{name}.{origin}:{address}:3600")
for name, lines in (("example.net.zone", zone), ("data", data)):
    with open(f"{directory}/{name}", "w") as file:
        file.write("\n".join(lines) + "\n")
