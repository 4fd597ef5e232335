#!/usr/bin/env python3
"""Prints tinydns data of LINES lines: 1,000 zones, half of the rest `=`, half `+`."""
import sys

lines, zones = int(sys.argv[1]), 1000
text = []
for zone in range(zones):
    name = f"zone{zone}.example.net"
    text.append(f"Z{name}:a.ns.{name}:hostmaster.{name}:1:16384:2048:1048576:2560:2560")
    text.append(f"&{name}::a.ns.{name}:259200")
for i in range(lines - len(text)):
    address = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
    text.append(f"{'=+'[i % 2]}host{i // zones}.zone{i % zones}.example.net:{address}:3600")
sys.stdout.write("\n".join(text) + "\n")
