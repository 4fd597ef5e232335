#!/usr/bin/env python3
"""A rule pack that moves two names to the number in its input. It takes its time, so that it can be killed at work."""
import json
import sys
import time

if sys.argv[1] == "describe":
    print(json.dumps({"rules": [{"name": "Pair", "inputs": ["inventory/number.json"]}]}))
else:
    request = json.loads(sys.stdin.readline())
    with open(request["inputs"]["inventory/number.json"]) as file:
        number = json.load(file)
    for name in ("rule-a", "rule-b"):
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        print(json.dumps({"record": {"owner": f"{name}.chaos.test.", "type": "A", "ttl": 300, "values": [address]}}), flush=True)
        time.sleep(0.03)
    print(json.dumps({"done": {"records": 2, "map": 0}}))
