"""dnspython on the files that dnswire-bench makes: parses or builds messages, reads a zone file."""
import json
import sys
import time

import dns.message
import dns.rdataclass
import dns.zonefile
import dns.transaction
import dns.zone

mode, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
octets = open(path, "rb").read()
if mode == "zone":
    start = time.perf_counter()
    zone = dns.zone.from_text(octets.decode(), "bench.test.", relativize=False, check_origin=False)
    count = sum(1 for _ in zone.iterate_rdatas())
    print(json.dumps({"messages": count, "seconds": time.perf_counter() - start, "check": count}))
    sys.exit()
frames, at = [], 0
while at + 2 <= len(octets):
    length = octets[at] << 8 | octets[at + 1]
    frames.append(octets[at + 2:at + 2 + length])
    at += 2 + length
check = 0
if mode == "build":
    messages = [dns.message.from_wire(frame) for frame in frames]
start = time.perf_counter()
for _ in range(rounds):
    if mode == "build":
        for message in messages:
            check += len(message.to_wire())
    else:
        for frame in frames:
            message = dns.message.from_wire(frame)
            check += sum(len(rrset) for rrset in message.answer + message.authority)
print(json.dumps({"messages": rounds * len(frames), "seconds": time.perf_counter() - start, "check": check}))
